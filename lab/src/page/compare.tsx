/** A second model on the same sequence. */
import { wrongBits } from './answer-maps.js';
import { otherSeed, putBeside } from './beside.js';
import { HeatMap } from './heat-map.js';
import { beside, ready, shown, sides, time } from './state.js';
import { besideInView } from './in-view.js';
import { moveTo } from './look.js';
import { SHIPPED } from './shipped.js';
import { Row } from './row.js';
import { Buttons, Curves, SolvedLine } from './train.js';

const Verdict = () => {
  const [sequence, answer, other] = [shown.value, sides.b.answer.value, sides.a.answer.value];
  if (!sequence || !answer || !other) return null;
  const [here, there] = [wrongBits(sequence, answer), wrongBits(sequence, other)];
  return (
    <p class="line" data-wrong-beside={here.wrong}>
      {here.wrong} of {here.of} bits wrong; the first model: {there.wrong}.
    </p>
  );
};

const Maps = () => {
  const maps = besideInView.value;
  if (maps.length === 0) return null;
  return (
    <>
      {maps.map((map) => (
        <Row key={map.title} map={map} side="b">
          <HeatMap map={map} label={`${map.title} of the model beside: ${map.note}`} marked={time.value} onPress={(_, column) => moveTo(column)} />
        </Row>
      ))}
      {sides.b.info.value?.heads.length === 0 && <p class="fine">It has no memory and no heads.</p>}
    </>
  );
};

export const Compare = () => {
  const { info, fault } = sides.b;
  const controllers = (ready.value?.controllers ?? []).filter((name) => name !== sides.a.info.value?.shape.controller);
  return (
    <section class="panel board" id="beside" aria-labelledby="beside-title">
      <header>
        <h2 id="beside-title">Compare</h2>
      </header>
      <div class="compare">
        <label for="compare-with">Beside it, on the same sequence</label>
        <select id="compare-with" value={beside.value ?? ''} onChange={({ currentTarget }) => void putBeside(currentTarget.value || null)}>
          <option value="">nothing</option>
          <option value="now">this model as it is now</option>
          <option value={beside.value?.startsWith('seed=') ? beside.value : `seed=${otherSeed()}`}>a new one from another seed</option>
          {controllers.map((name) => (
            <option key={name} value={`controller=${name}`}>
              {name === 'none' ? 'a new one without memory' : `a new one with the controller ${name}`}
            </option>
          ))}
          {SHIPPED.map(({ file, words }) => (
            <option key={file} value={file}>
              trained before: {words}
            </option>
          ))}
        </select>
      </div>
      {info.value && beside.value !== null && (
        <>
          <div class="beside-train">
            <div>
              <Buttons side="b" />
              <SolvedLine side="b" />
            </div>
            <Curves side="b" />
          </div>
          {fault.value && (
            <p class="fault" role="alert">
              {fault.value}
            </p>
          )}
          <Verdict />
          <Maps />
        </>
      )}
    </section>
  );
};
