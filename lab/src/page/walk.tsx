/** A walk through what one sees, stop by stop; what a stop is about is framed. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { loadShipped } from './actions.js';
import { moveTo } from './look.js';
import { Formula } from './math.js';
import { head, shown, sides, slot, time } from './state.js';
import { STOPS } from './stops.js';

export const stop = signal<number | null>(null);

/** The model that the walk speaks of. */
const SPOKEN_OF = 'copy.safetensors';

/** What the walk says is seen in a model that has learned to copy, and in no other. */
const Fitting = () => {
  const { info, name, solved } = sides.a;
  if (info.value?.task?.name === 'copy' && (solved.value !== null || name.value !== null)) return null;
  return (
    <p class="fitting">
      The walk speaks of a model that has learned to copy: press Play first, or{' '}
      <button type="button" onClick={() => void loadShipped('a', SPOKEN_OF)}>
        take one trained before
      </button>
    </p>
  );
};

/** The cursor to where the answer begins, and the slot to where the read head looks. */
const toTheAnswer = (): void => {
  const sequence = shown.peek();
  if (sequence) moveTo(Math.max(time.peek(), sequence.mask.indexOf(1)));
  slot.value = null;
  head.value = Math.max(0, sides.a.info.peek()?.heads.findIndex(({ kind }) => kind === 'read') ?? 0);
};

export const Walk = () => {
  const at = stop.value;
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (at === null) return undefined;
    title.current?.focus({ preventScroll: true });
    if (at === STOPS.length - 1) toTheAnswer();
    const about = document.querySelector(STOPS[at]!.at);
    about?.classList.add('walked');
    about?.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    return () => about?.classList.remove('walked');
  }, [at]);
  if (at === null) return null;
  const { title: name, text, formula, said, kernels } = STOPS[at]!;
  return (
    <aside class="walk" aria-label="Walk through" onKeyDown={({ key }) => key === 'Escape' && (stop.value = null)}>
      <p class="fine">
        Stop {at + 1} of {STOPS.length}
      </p>
      <h2 ref={title} tabIndex={-1}>
        {name}
      </h2>
      <Fitting />
      <p>{text}</p>
      <Formula text={formula} said={said} />
      <p class="fine" hidden={kernels.length === 0}>
        Computed by {kernels.length > 1 ? 'the kernels' : 'the kernel'} {kernels.map((kernel) => `“${kernel}”`).join(', ')}
      </p>
      <div class="walk-buttons">
        <button type="button" disabled={at === 0} onClick={() => (stop.value = at - 1)}>
          Back
        </button>
        <button type="button" class="main" onClick={() => (stop.value = at === STOPS.length - 1 ? null : at + 1)}>
          {at === STOPS.length - 1 ? 'Done' : 'Next'}
        </button>
        <button type="button" class="quiet" onClick={() => (stop.value = null)}>
          Close
        </button>
      </div>
    </aside>
  );
};
