/** The stops of the walk: what one sees, the paper's equation, the kernel that computes it. */
import type { ComponentChildren } from 'preact';

const I = ({ children }: { readonly children: string }) => <mi>{children}</mi>;
const O = ({ children }: { readonly children: string }) => <mo stretchy={false}>{children}</mo>;
const Sub = ({ of, by }: { readonly of: string; readonly by: ComponentChildren }) => (
  <msub>
    <mi>{of}</mi>
    <mrow>{by}</mrow>
  </msub>
);
const Of = ({ of, by, at }: { readonly of: string; readonly by: ComponentChildren; readonly at: string }) => (
  <mrow>
    <Sub of={of} by={by} />
    <O>(</O>
    <I>{at}</I>
    <O>)</O>
  </mrow>
);
const Sum = ({ over }: { readonly over: string }) => (
  <munder>
    <mo>∑</mo>
    <mi>{over}</mi>
  </munder>
);
const T = <I>t</I>;
const BEFORE = (
  <>
    <I>t</I>
    <O>−</O>
    <mn>1</mn>
  </>
);

export interface Stop {
  readonly title: string;
  readonly text: string;
  readonly equation: ComponentChildren;
  /** How the equation is said. */
  readonly said: string;
  readonly kernels: readonly string[];
  /** The element that it is about. */
  readonly at: string;
}

export const STOPS: readonly Stop[] = [
  {
    title: 'What is asked',
    text: 'One row of bits is shown a step, then a mark, then nothing more: from now on the machine must give every row back, from what it remembers. The loss is how surprised it is by the right bits.',
    equation: (
      <>
        <I>ℒ</I>
        <O>=</O>
        <O>−</O>
        <I>t</I>
        <I>log</I>
        <I>y</I>
        <O>−</O>
        <O>(</O>
        <mn>1</mn>
        <O>−</O>
        <I>t</I>
        <O>)</O>
        <I>log</I>
        <O>(</O>
        <mn>1</mn>
        <O>−</O>
        <I>y</I>
        <O>)</O>
      </>
    ),
    said: 'loss equals minus t log y minus (1 − t) log (1 − y)',
    kernels: ['cross-entropy', 'wrong bits'],
    at: '[data-map="Target"]',
  },
  {
    title: 'Who decides',
    text: 'The controller, an LSTM unless you choose another, sees the row and what was read from memory. It answers, and it steers the heads: for each it sets a key, a key strength, a gate, a shift and a sharpening.',
    equation: (
      <>
        <O>(</O>
        <I>k</I>
        <O>,</O>
        <I>β</I>
        <O>,</O>
        <I>g</I>
        <O>,</O>
        <I>s</I>
        <O>,</O>
        <I>γ</I>
        <O>)</O>
        <O>=</O>
        <I>W</I>
        <Sub of="h" by={T} />
        <O>+</O>
        <I>b</I>
      </>
    ),
    said: 'key, strength, gate, shift and sharpening come from the controller’s h by a linear layer',
    kernels: ['LSTM cell', 'linear'],
    at: '.parameters',
  },
  {
    title: 'What a head is',
    text: 'A head is where the machine looks: a share of its attention for every slot of memory, all shares together 1. Where the map is strongest, a head looks at one slot alone. The write head goes on by one slot a step while rows are shown; each row gets a slot of its own.',
    equation: (
      <>
        <Sum over="i" />
        <Of of="w" by={T} at="i" />
        <O>=</O>
        <mn>1</mn>
      </>
    ),
    said: 'the shares w of all slots i sum to 1',
    kernels: ['sharpening', 'normalise'],
    at: '[data-map^="Write head"]',
  },
  {
    title: 'How it writes',
    text: 'Where the write head looks, memory is first erased, as far as e says, and then a is added. Slots that it does not look at stay as they are: the change has colour in one column only.',
    equation: (
      <>
        <Of of="M" by={T} at="i" />
        <O>=</O>
        <Of of="M" by={BEFORE} at="i" />
        <O>(</O>
        <mn>1</mn>
        <O>−</O>
        <Of of="w" by={T} at="i" />
        <Sub of="e" by={T} />
        <O>)</O>
        <O>+</O>
        <Of of="w" by={T} at="i" />
        <Sub of="a" by={T} />
      </>
    ),
    said: 'memory is what it was times (1 − w e), plus w a',
    kernels: ['erase and add'],
    at: '[data-map="Its change"]',
  },
  {
    title: 'How it reads',
    text: 'The read head gets the mean of all slots, each as much as it looks at it. When the answer is due it walks the way of the write head again, and reads the rows back in their order.',
    equation: (
      <>
        <Sub of="r" by={T} />
        <O>=</O>
        <Sum over="i" />
        <Of of="w" by={T} at="i" />
        <Of of="M" by={T} at="i" />
      </>
    ),
    said: 'r is the sum over slots of w times memory',
    kernels: ['read'],
    at: '[data-map^="Read head"]',
  },
  {
    title: 'Looking by content',
    text: 'A head can find a slot by what is in it: slots whose numbers point the way of the key k get a larger share, the more so the larger β is. Copying wants this once at most, to find where it began.',
    equation: (
      <>
        <Of of="w" by={<I>c</I>} at="i" />
        <O>=</O>
        <I>softmax</I>
        <O>(</O>
        <I>β</I>
        <I>cos</I>
        <O>(</O>
        <I>k</I>
        <O>,</O>
        <I>M</I>
        <O>(</O>
        <I>i</I>
        <O>)</O>
        <O>)</O>
        <O>)</O>
      </>
    ),
    said: 'w c is the softmax of β times the cosine of key and slot',
    kernels: ['content similarity', 'key strength', 'softmax exponential'],
    at: '[data-map="wc"]',
  },
  {
    title: 'Or going on from where it was',
    text: 'The gate g mixes that with where the head looked one step before: 1 is content alone, 0 is where it was. The shift s then moves it along, one slot on or back, and γ sharpens what the shift has blurred.',
    equation: (
      <>
        <Sub of="w" by={<I>g</I>} />
        <O>=</O>
        <I>g</I>
        <Sub of="w" by={<I>c</I>} />
        <O>+</O>
        <O>(</O>
        <mn>1</mn>
        <O>−</O>
        <I>g</I>
        <O>)</O>
        <Sub of="w" by={BEFORE} />
        <O>,</O>
        <I>w</I>
        <O>∝</O>
        <msup>
          <mrow>
            <O>(</O>
            <Sub of="w" by={<I>g</I>} />
            <O>∗</O>
            <I>s</I>
            <O>)</O>
          </mrow>
          <mi>γ</mi>
        </msup>
      </>
    ),
    said: 'w g is g w c plus (1 − g) the previous w; w is that, convolved with s, to the power γ, normalised',
    kernels: ['interpolation', 'circular shift', 'sharpening'],
    at: '[data-map="wg"]',
  },
  {
    title: 'Reach in',
    text: 'Put the cursor where the answer begins, choose a slot in memory that was written to, and erase it: one row of the answer is lost, the one that was kept there, and no other. That is how you know where a memory is.',
    equation: (
      <>
        <Of of="M" by={T} at="i" />
        <O>←</O>
        <mn>0</mn>
      </>
    ),
    said: 'slot i becomes 0',
    kernels: ['read'],
    at: '#reach',
  },
];
