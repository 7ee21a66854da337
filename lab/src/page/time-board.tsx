/** Everything that happens over time, on one axis with one cursor. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { differenceMap, errorMap, inputMap, outputMap, targetMap, turned, weightingMaps, wrongBits } from './answer-maps.js';
import { drawnOf, textOfRows } from './bits.js';
import { scheme } from './colours.js';
import { download } from './download.js';
import { figureOf } from './figure.js';
import { HeatMap } from './heat-map.js';
import { InputMap } from './input-map.js';
import { moveTo } from './look.js';
import type { HeatMapOf } from './map.js';
import { Sequence } from './sequence.js';
import type { Side } from '../worker/messages.js';
import { answered, head, running, shown, sides, time } from './state.js';

const STEPS_A_SECOND = 9;

export const Row = ({ map, side = 'a', children }: { readonly map: HeatMapOf; readonly side?: Side; readonly children: ComponentChildren }) => (
  <div class="row" data-map={side === 'a' ? map.title : undefined}>
    <div class="row-title">
      <strong>{map.title}</strong>
      <span>{map.note}</span>
    </div>
    {children}
  </div>
);

export const timeBoardMaps = (): readonly HeatMapOf[] => {
  const [sequence, answer, info] = [shown.value, answered.value, sides.a.info.value];
  if (!sequence || !info) return [];
  if (!answer) return [inputMap(sequence), targetMap(sequence)];
  return [inputMap(sequence), targetMap(sequence), outputMap(sequence, answer), errorMap(sequence, answer), ...weightingMaps(info, answer, sequence.steps).map(({ map }) => map)];
};

/** The cursor: a slider; arrows move it wherever nothing else takes them; it runs by itself when asked to. */
const Cursor = ({ steps }: { readonly steps: number }) => {
  useEffect(() => {
    if (!running.value) return undefined;
    const timer = setInterval(() => {
      if (time.peek() >= steps - 1) running.value = false;
      else moveTo(time.peek() + 1);
    }, 1000 / STEPS_A_SECOND);
    return () => clearInterval(timer);
  }, [running.value, steps]);
  const toggle = (): void => {
    if (!running.peek() && time.peek() >= steps - 1) moveTo(0);
    running.value = !running.peek();
  };
  return (
    <div class="cursor">
      <label for="time">
        Step <output>{time.value}</output> of {steps - 1}
      </label>
      <input id="time" type="range" min={0} max={steps - 1} value={time.value} aria-label="Time step" onInput={({ currentTarget }) => moveTo(Number(currentTarget.value))} />
      <button type="button" aria-pressed={running.value} onClick={toggle}>
        {running.value ? 'Stop' : 'Run through'}
      </button>
    </div>
  );
};

/** The answer as text, where a text was shown. */
const AsText = () => {
  const [sequence, answer] = [shown.value, answered.value];
  if (!sequence || !answer || sequence.bits !== 8) return null;
  const [given] = [textOfRows(drawnOf(sequence))];
  if (given.includes('·')) return null;
  const rows = Array.from({ length: sequence.steps }, (_, t) => t)
    .filter((t) => sequence.mask[t] === 1)
    .map((t) => Array.from(answer.output.subarray(t * sequence.outputs, t * sequence.outputs + 8), (value) => (value >= 0.5 ? 1 : 0)));
  return (
    <p class="line">
      Shown “{given}”, it answers “{textOfRows(rows)}”.
    </p>
  );
};

const Verdict = () => {
  const [sequence, answer] = [shown.value, answered.value];
  if (!sequence || !answer) return <p class="line">…</p>;
  const { wrong, of } = wrongBits(sequence, answer);
  if (of === 0) return <p class="line">What comes after this query is not among the items: there is no right answer.</p>;
  return (
    <p class="line" data-wrong={wrong}>
      {wrong === 0 ? `All ${of} bits right` : `${wrong} of ${of} bits wrong`}
      {sides.a.changed.value ? ' with your changes' : ''}
      {answer.sequences > 0 ? `, after ${answer.sequences.toLocaleString('en')} sequences of training.` : sides.a.name.value ? '.' : ', before any training.'}
    </p>
  );
};

const Turned = () => {
  const [sequence, plain, changed] = [shown.value, sides.a.answer.value, sides.a.changed.value];
  if (!sequence || !plain || !changed) return null;
  const { bits, steps } = turned(sequence, plain, changed);
  const where = steps.length > 12 ? `${steps.length} steps from ${steps[0]} to ${steps.at(-1)}` : `${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')}`;
  return (
    <p class="line turned" role="status" data-turned={steps.join(' ')}>
      {bits === 0 ? 'What you changed turns no bit of the answer over.' : `What you changed turns ${bits === 1 ? 'one bit' : `${bits} bits`} of the answer over, in ${where}.`}
    </p>
  );
};

export const TimeBoard = () => {
  const [sequence, answer, info] = [shown.value, answered.value, sides.a.info.value];
  const plain = sides.a.answer.value;
  const { changed, fault } = sides.a;
  const scrub = (_: number, column: number): void => moveTo(column);
  const save = (): void => download('ntm-answer.svg', 'image/svg+xml', figureOf('A Neural Turing Machine’s answer and its heads', timeBoardMaps(), scheme.peek()));
  return (
    <section class="panel board" id="answer" aria-labelledby="answer-title">
      <header>
        <h2 id="answer-title">Sequence and answer</h2>
        <button type="button" class="quiet" disabled={!answer} onClick={save}>
          Save as SVG
        </button>
      </header>
      <Sequence />
      {fault.value && (
        <p class="fault" role="alert">
          {fault.value}
        </p>
      )}
      <Verdict />
      <Turned />
      <AsText />
      {sequence && info && (
        <>
          <Cursor steps={sequence.steps} />
          <Row map={inputMap(sequence)}>
            <InputMap map={inputMap(sequence)} />
          </Row>
          {sequence.bits > 0 && <p class="fine hint">Click bits of the input to draw your own sequence.</p>}
          {[targetMap(sequence), ...(answer ? [outputMap(sequence, answer), errorMap(sequence, answer)] : [])].map((map) => (
            <Row key={map.title} map={map}>
              <HeatMap map={map} label={`${map.title}: ${map.note}`} marked={time.value} onPress={scrub} />
            </Row>
          ))}
          {plain && changed.value && (
            <Row map={differenceMap(sequence, plain, changed.value)}>
              <HeatMap map={differenceMap(sequence, plain, changed.value)} label="What your changes did to the answer" marked={time.value} onPress={scrub} className="difference" />
            </Row>
          )}
          {answer &&
            weightingMaps(info, answer, sequence.steps).map(({ head: h, map }) => (
              <Row key={map.title} map={map}>
                <HeatMap
                  map={map}
                  label={`${map.title}: ${map.note}, at every step`}
                  marked={time.value}
                  className={h === head.value ? 'chosen' : ''}
                  onPress={(_, column) => {
                    head.value = h;
                    moveTo(column);
                  }}
                />
              </Row>
            ))}
        </>
      )}
    </section>
  );
};
