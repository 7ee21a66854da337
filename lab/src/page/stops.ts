/** The stops of the walk: what one sees, the paper's equation, the kernel that computes it. */

export interface Stop {
  readonly title: string;
  readonly text: string;
  /** In the words of math.tsx. */
  readonly formula: string;
  /** How it is said. */
  readonly said: string;
  readonly kernels: readonly string[];
  /** The element that it is about. */
  readonly at: string;
}

export const STOPS: readonly Stop[] = [
  {
    title: 'What is asked',
    text: 'In the task copy one row of bits is shown per step (in these maps a step is a column), then a mark, then nothing more: from now on the machine must give every row back, in the same order, from what it remembers. This map is what it should answer. The loss is how surprised it is by the right bits.',
    formula: 'ℒ = − t log y − ( 1 − t ) log ( 1 − y )',
    said: 'loss equals minus t log y minus (1 − t) log (1 − y)',
    kernels: ['cross-entropy', 'wrong bits'],
    at: '[data-map="Target"]',
  },
  {
    title: 'What a head is',
    text: 'Beside the network there is a memory: slots, each a row of numbers. A head is how the network gets at it. A head does not pick one slot, which could not be learned by gradients: it has a share w for every slot, all shares together 1. The read head takes out what the slots hold, the write head changes it, both in these shares. In this map a column is a step, slot 0 is at the top, and where the colour is strongest the head is at one slot alone. Once copying is learned, the write head goes on by one slot per step while rows are shown: each row gets a slot of its own.',
    formula: 'Σ_i w_t(i) = 1',
    said: 'the shares w of all slots i sum to 1',
    kernels: ['sharpening', 'normalise'],
    at: '[data-map^="Write head"]',
  },
  {
    title: 'Who decides',
    text: 'The controller, an LSTM unless you choose another, sees the row and what the read head took out one step before. It answers, and it steers every head by five numbers or vectors, whose use comes below: a key, a key strength, a gate, a shift and a sharpening, each then brought into the range where it has a meaning: a gate lies between 0 and 1, the shares of a shift sum to 1.',
    formula: '( k , β , g , s , γ ) = W h_t + b',
    said: 'key, strength, gate, shift and sharpening come from the controller’s h by a linear layer',
    kernels: ['LSTM cell', 'linear'],
    at: '.parameters',
  },
  {
    title: 'How it writes',
    text: 'A write head has two vectors more, e and a. Where it looks, the slot is first erased, as far as e says (1 is wholly), and then a is added. Slots that it does not look at stay as they are. In this map a column is a slot: where the head looks at one slot alone, one column alone changes.',
    formula: 'M_t(i) = M_t−1(i) ( 1 − w_t(i) e_t ) ; + w_t(i) a_t',
    said: 'memory is what it was times (1 − w e), plus w a',
    kernels: ['erase and add'],
    at: '[data-map="Its change"]',
  },
  {
    title: 'How it reads',
    text: 'The read head takes out one vector, r: the mean of all slots, each counted by its share. When the answer is due it walks the way of the write head again, and so the rows come back in their order.',
    formula: 'r_t = Σ_i w_t(i) M_t(i)',
    said: 'r is the sum over slots of w times memory',
    kernels: ['read'],
    at: '[data-map^="Read head"]',
  },
  {
    title: 'Looking by content',
    text: 'A head can find a slot by what is in it: slots whose numbers point the way of the key k get a larger share, the more so the larger β is. Copying needs this once at most: to find the slot where it began.',
    formula: 'w_c(i) = softmax ( β cos ( k , M(i) ) )',
    said: 'w c is the softmax of β times the cosine of key and slot',
    kernels: ['content similarity', 'key strength', 'softmax exponential'],
    at: '[data-map="wc"]',
  },
  {
    title: 'Or going on from where it was',
    text: 'The gate g mixes that with the shares that the head had one step before: 1 is content alone, 0 is where it was. The shift s, three shares for one slot on, none and one back, then moves it along, and γ sharpens what the shift has blurred.',
    formula: 'w_g = g w_c + ( 1 − g ) w_t−1 ; w ∝ ( w_g ∗ s )^γ',
    said: 'w g is g w c plus (1 − g) the previous w; w is that, convolved with s, to the power γ, normalised',
    kernels: ['interpolation', 'circular shift', 'sharpening'],
    at: '[data-map="wg"]',
  },
  {
    title: 'Reach in',
    text: 'The cursor now stands where the answer begins. The slot to reach into is the one that the read head looks at, where the first row was kept. Press Erase: that row comes out damaged, and no other. That is how you know what a slot is for. Another slot: type its number, or click it in the memory’s map.',
    formula: 'M_t(i) ← 0',
    said: 'slot i becomes 0',
    kernels: [],
    at: '#reach',
  },
];
