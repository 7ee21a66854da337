/** Play, Pause, Step, Reset; how far it is, in words and curves. */
import type { Side } from '../worker/messages.js';
import { pause, play, reset, step } from './actions.js';
import { scheme } from './colours.js';
import { Curve } from './curve.js';
import { CURVES, curvesFigure } from './curves.js';
import { download } from './download.js';
import { brief } from './hover.js';
import { checked, made, settings, sides } from './state.js';

const count = (n: number): string => n.toLocaleString('en');

/** What there is to say of a training, in one line. */
const lineOf = (side: Side): string => {
  const { info, training, told, ended, solved, name } = sides[side];
  if (!info.value) return 'Starting …';
  const seen = told.value?.sequences ?? info.value.sequences;
  if (solved.value) {
    const { sequences, seconds } = solved.value;
    const more = training.value ? ' It goes on, so that longer sequences come out right too.' : ended.value?.ended === 'reached' ? ' It has stopped: longer sequences come out right too. Play goes on.' : '';
    return `Solved after ${count(sequences)} sequences, in ${seconds.toFixed(1)} seconds: fewer than one wrong bit in a hundred sequences.${more}`;
  }
  if (training.value) return told.value ? 'Learning …' : 'Compiling the kernels …';
  if (ended.value?.ended === 'most iterations') return `Not solved in ${count(seen)} sequences: another seed, or a lower learning rate, may do it.`;
  if (name.value !== null) return `${name.value}: weights that were trained before.`;
  return seen === 0 ? 'New: its answers are guesses. Press Play.' : `Paused after ${count(seen)} sequences.`;
};

export const SolvedLine = ({ side }: { readonly side: Side }) => (
  <p class={sides[side].solved.value ? 'line solved' : 'line'} role="status" data-solved={sides[side].solved.value !== null}>
    {lineOf(side)}
  </p>
);

export const Buttons = ({ side }: { readonly side: Side }) => {
  const { info, training } = sides[side];
  const still = !info.value?.settings || training.value;
  return (
    <div class="buttons" role="group" aria-label={side === 'a' ? 'Training' : 'Training of the model beside'}>
      {training.value ? (
        <button type="button" class="main" onClick={() => void pause(side)}>
          Pause
        </button>
      ) : (
        <button type="button" class="main" disabled={still} onClick={() => void play(side)}>
          Play
        </button>
      )}
      <button type="button" disabled={still} onClick={() => void step(side)} title="One iteration: one batch of sequences">
        Step
      </button>
      {side === 'a' && (
        <button type="button" disabled={!info.value || checked.value?.fault !== null} onClick={() => void reset()} title="A new model by these settings, from the same seed">
          Reset
        </button>
      )}
    </div>
  );
};

const saveCurves = (side: Side): void => {
  const { info, points } = sides[side];
  const { task, shape, settings } = info.peek()!;
  download(`${task?.name ?? 'ntm'}-learning.svg`, 'image/svg+xml', curvesFigure(`Learning ${task?.name ?? ''}: ${shape.controller}, seed ${settings?.seed}`, points.peek(), scheme.peek()));
};

export const Curves = ({ side }: { readonly side: Side }) => {
  const { points, told, info } = sides[side];
  const last = points.value.slice(-5);
  const mean = (of: (point: (typeof last)[number]) => number): string => (last.length === 0 ? '–' : brief(last.reduce((sum, point) => sum + of(point), 0) / last.length));
  return (
    <>
      <dl class="numbers">
        <div>
          <dt>Sequences</dt>
          <dd data-number="sequences">{count(told.value?.sequences ?? info.value?.sequences ?? 0)}</dd>
        </div>
        <div>
          <dt>Per second</dt>
          <dd data-number="per-second">{told.value?.perSecond ? count(Math.round(told.value.perSecond)) : '–'}</dd>
        </div>
      </dl>
      {CURVES.map((curve) => (
        <Curve key={curve.title} of={curve} points={points.value} latest={mean(curve.of)} />
      ))}
      {points.value.length > 1 && (
        <button type="button" class="quiet save-curves" onClick={() => saveCurves(side)}>
          Save curves as SVG
        </button>
      )}
    </>
  );
};

export const Train = () => {
  const changed = made.value !== null && JSON.stringify(made.value) !== JSON.stringify(settings.value);
  const { info } = sides.a;
  return (
    <section class="panel train" id="train" aria-labelledby="train-title">
      <h2 id="train-title">Train</h2>
      <Buttons side="a" />
      {changed && <p class="line pending">Changed settings take effect with Reset.</p>}
      <SolvedLine side="a" />
      <Curves side="a" />
      {info.value && (
        <p class="fine">
          {count(info.value.weights)} weights, on {info.value.backend}
          {info.value.renderer && ` (${info.value.renderer})`}
        </p>
      )}
    </section>
  );
};
