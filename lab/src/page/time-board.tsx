/** Everything that happens over time, on one axis with one cursor. */
import { turned, wrongBits } from './answer-maps.js';
import { drawnOf, textOfRows } from './bits.js';
import { scheme } from './colours.js';
import { Cursor } from './cursor.js';
import { download } from './download.js';
import { figureOf } from './figure.js';
import { HeatMap } from './heat-map.js';
import { answersInView, differenceInView, headsInView, inputInView, targetInView } from './in-view.js';
import { InputMap } from './input-map.js';
import { moveTo } from './look.js';
import { Row } from './row.js';
import { Sequence } from './sequence.js';
import { answered, head, shown, sides, time } from './state.js';

/** The answer as text, where a text was shown. */
const AsText = () => {
  const [sequence, answer] = [shown.value, answered.value];
  if (!sequence || !answer || sequence.bits !== 8) return null;
  const given = textOfRows(drawnOf(sequence));
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
  const [input, target, difference] = [inputInView.value, targetInView.value, differenceInView.value];
  const { fault } = sides.a;
  const scrub = (_: number, column: number): void => moveTo(column);
  const save = (): void => {
    const maps = [input!, target!, ...answersInView.peek(), ...(difference ? [difference] : []), ...headsInView.peek().map(({ map }) => map)];
    download('ntm-answer.svg', 'image/svg+xml', figureOf('A Neural Turing Machine’s answer and its heads', maps, scheme.peek()));
  };
  return (
    <section class="panel board" id="answer" aria-labelledby="answer-title">
      <header>
        <h2 id="answer-title">Sequence and answer</h2>
        <button type="button" class="quiet" disabled={!answered.value} onClick={save}>
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
      {input && target && (
        <>
          <Cursor of="answer" name="Time step" />
          <Row map={input}>
            <InputMap map={input} />
          </Row>
          {shown.value!.bits > 0 && <p class="fine hint">Click bits of the input to draw your own sequence.</p>}
          {[target, ...answersInView.value].map((map) => (
            <Row key={map.title} map={map}>
              <HeatMap map={map} label={`${map.title}: ${map.note}`} marked={time.value} onPress={scrub} />
            </Row>
          ))}
          {difference && (
            <Row map={difference}>
              <HeatMap map={difference} label="What your changes did to the answer" marked={time.value} onPress={scrub} className="difference" />
            </Row>
          )}
          {headsInView.value.map(({ head: h, map }) => (
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
