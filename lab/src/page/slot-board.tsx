/** The machine's inside at one step: memory, its change, and how the chosen head came to look where it looks; all by slot. */
import { useMemo } from 'preact/hooks';
import type { HeadDetail } from '../worker/messages.js';
import { headName } from './answer-maps.js';
import { Bars } from './bars.js';
import { scheme } from './colours.js';
import { Cursor } from './cursor.js';
import { download } from './download.js';
import { figureOf } from './figure.js';
import { HeatMap } from './heat-map.js';
import { brief } from './hover.js';
import { memoryInView } from './in-view.js';
import { STAGES, stageMaps, vectorMap } from './memory-maps.js';
import { Reach } from './reach.js';
import { Row } from './row.js';
import { head, shown, sides, slot, slotInView, time } from './state.js';

/** `+1: 0.02`, for the taps of a shift: the first moves furthest on. */
const taps = (s: Float32Array): string => Array.from(s, (value, i) => `${brief((s.length - 1) / 2 - i).replace(/^(?=[1-9])/, '+')}: ${brief(value)}`).join('   ');

/** Heat maps keep their identity from one rendering to the next, so that they are not drawn again. */
const Vector = ({ symbol, words, values, signed }: { readonly symbol: string; readonly words: string; readonly values: Float32Array; readonly signed: boolean }) => {
  const map = useMemo(() => vectorMap(symbol, values, signed), [symbol, values, signed]);
  return (
    <div>
      <span>
        <var>{symbol}</var> {words}
      </span>
      <HeatMap map={map} label={`${words} vector`} />
    </div>
  );
};

const Named = ({ symbol, words, value }: { readonly symbol: string; readonly words: string; readonly value: string }) => (
  <div>
    <dt>
      <var>{symbol}</var> {words}
    </dt>
    <dd>{value}</dd>
  </div>
);

const Parameters = ({ detail }: { readonly detail: HeadDetail }) => (
  <div class="parameters">
    <dl>
      <Named symbol="β" words="key strength" value={brief(detail.beta)} />
      <Named symbol="g" words="gate" value={brief(detail.g)} />
      <Named symbol="s" words="shift" value={taps(detail.s)} />
      <Named symbol="γ" words="sharpening" value={brief(detail.gamma)} />
    </dl>
    <div class="vectors">
      {([['k', 'key', detail.k, true], ['e', 'erase', detail.e, false], ['a', 'add', detail.a, true]] as const).map(
        ([symbol, words, values, signed]) =>
          values && <Vector key={symbol} symbol={symbol} words={words} values={values} signed={signed} />,
      )}
    </div>
  </div>
);

export const SlotBoard = () => {
  const { info, detail: found, training } = sides.a;
  const [model, detail] = [info.value, found.value];
  if (!model || !shown.value) return null;
  if (model.heads.length === 0) {
    return (
      <section class="panel" id="inside" aria-labelledby="inside-title">
        <h2 id="inside-title">Inside</h2>
        <p class="line">This model has no memory and no heads: what it knows of the sequence is in its controller alone.</p>
      </section>
    );
  }
  const press = (_: number, n: number): void => {
    slot.value = n;
  };
  const own = detail?.heads[head.value];
  const save = (): void => {
    if (detail) download('ntm-inside.svg', 'image/svg+xml', figureOf(`Inside at step ${detail.time}, ${headName(model, head.value)}`, [...memoryInView.peek(), ...(own ? stageMaps(own) : [])], scheme.peek()));
  };
  return (
    <section class="panel board" id="inside" aria-labelledby="inside-title">
      <header>
        <h2 id="inside-title">Inside at step {time.value}</h2>
        <button type="button" class="quiet" disabled={!detail} onClick={save}>
          Save as SVG
        </button>
      </header>
      <Cursor of="inside" name="Time step inside" />
      {!detail && <p class="line">{training.value ? 'Pause to look inside.' : '…'}</p>}
      {detail && (
        <>
          {training.value && <p class="line">As it was when training went on; pause to look inside as it is now.</p>}
          {memoryInView.value.map((map, i) => (
            <Row key={map.title} map={map}>
              <HeatMap map={map} label={i === 0 ? `Memory after step ${detail.time}: ${map.columns} slots of ${map.rows} numbers` : `Change of the memory in step ${detail.time}`} marked={slotInView()} tick onPress={press} />
            </Row>
          ))}
          <p class="fine">A head is where the machine looks: a share of attention for every slot, all shares together 1. How it came to look there:</p>
          <div class="heads" role="group" aria-label="Head to look at">
            {model.heads.map((_, h) => (
              <button key={h} type="button" aria-pressed={h === head.value} onClick={() => (head.value = h)}>
                {headName(model, h)}
              </button>
            ))}
          </div>
          {own && (
            <>
              <Parameters detail={own} />
              {STAGES.map(([key, symbol, index, note]) => (
                <div class="row" key={key} data-map={key}>
                  <div class="row-title">
                    <strong>
                      <var>{symbol}</var>
                      {index && <sub>{index}</sub>}
                    </strong>
                    <span>{note}</span>
                  </div>
                  <Bars values={own[key]} label={note} marked={slotInView()} onPress={(n) => press(0, n)} />
                </div>
              ))}
            </>
          )}
          <Reach />
        </>
      )}
    </section>
  );
};
