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
    text: 'In the task copy one row of bits is shown a step, then a mark, then nothing more: from now on the machine must give every row back, from what it remembers. The loss is how surprised it is by the right bits.',
    formula: 'ℒ = − t log y − ( 1 − t ) log ( 1 − y )',
    said: 'loss equals minus t log y minus (1 − t) log (1 − y)',
    kernels: ['cross-entropy', 'wrong bits'],
    at: '[data-map="Target"]',
  },
  {
    title: 'Who decides',
    text: 'The controller, an LSTM unless you choose another, sees the row and what was read from memory. It answers, and it steers the heads: for each it sets a key, a key strength, a gate, a shift and a sharpening.',
    formula: '( k , β , g , s , γ ) = W h_t + b',
    said: 'key, strength, gate, shift and sharpening come from the controller’s h by a linear layer',
    kernels: ['LSTM cell', 'linear'],
    at: '.parameters',
  },
  {
    title: 'What a head is',
    text: 'A head is where the machine looks: a share of its attention for every slot of memory, all shares together 1. Where the map is strongest, a head looks at one slot alone. The write head goes on by one slot a step while rows are shown; each row gets a slot of its own.',
    formula: 'Σ_i w_t(i) = 1',
    said: 'the shares w of all slots i sum to 1',
    kernels: ['sharpening', 'normalise'],
    at: '[data-map^="Write head"]',
  },
  {
    title: 'How it writes',
    text: 'Where the write head looks, memory is first erased, as far as e says, and then a is added. Slots that it does not look at stay as they are: the change has colour in one column only.',
    formula: 'M_t(i) = M_t−1(i) ( 1 − w_t(i) e_t ) ; + w_t(i) a_t',
    said: 'memory is what it was times (1 − w e), plus w a',
    kernels: ['erase and add'],
    at: '[data-map="Its change"]',
  },
  {
    title: 'How it reads',
    text: 'The read head gets the mean of all slots, each as much as it looks at it. When the answer is due it walks the way of the write head again, and reads the rows back in their order.',
    formula: 'r_t = Σ_i w_t(i) M_t(i)',
    said: 'r is the sum over slots of w times memory',
    kernels: ['read'],
    at: '[data-map^="Read head"]',
  },
  {
    title: 'Looking by content',
    text: 'A head can find a slot by what is in it: slots whose numbers point the way of the key k get a larger share, the more so the larger β is. Copying wants this once at most, to find where it began.',
    formula: 'w_c(i) = softmax ( β cos ( k , M(i) ) )',
    said: 'w c is the softmax of β times the cosine of key and slot',
    kernels: ['content similarity', 'key strength', 'softmax exponential'],
    at: '[data-map="wc"]',
  },
  {
    title: 'Or going on from where it was',
    text: 'The gate g mixes that with where the head looked one step before: 1 is content alone, 0 is where it was. The shift s then moves it along, one slot on or back, and γ sharpens what the shift has blurred.',
    formula: 'w_g = g w_c + ( 1 − g ) w_t−1 ; w ∝ ( w_g ∗ s )^γ',
    said: 'w g is g w c plus (1 − g) the previous w; w is that, convolved with s, to the power γ, normalised',
    kernels: ['interpolation', 'circular shift', 'sharpening'],
    at: '[data-map="wg"]',
  },
  {
    title: 'Reach in',
    text: 'Put the cursor where the answer begins, choose a slot in memory that was written to, and erase it: one row of the answer is lost, the one that was kept there, and no other. That is how you know where a memory is.',
    formula: 'M_t(i) ← 0',
    said: 'slot i becomes 0',
    kernels: ['read'],
    at: '#reach',
  },
];
