/** The machine's inside at one step: memory, its change, and how the chosen head came to look where it looks; all by slot. */
import type { Detail, HeadDetail } from '../worker/messages.js';
import { headName } from './answer-maps.js';
import { Bars } from './bars.js';
import { scheme } from './colours.js';
import { download } from './download.js';
import { figureOf } from './figure.js';
import { HeatMap } from './heat-map.js';
import { brief } from './hover.js';
import { heightOf, type HeatMapOf, reach } from './map.js';
import { Reach } from './reach.js';
import { head, shown, sides, slot, slotInView, time } from './state.js';
import { Row } from './time-board.js';

const flat = (rows: readonly Float32Array[]): Iterable<number> => rows.flatMap((row) => [...row]);

const memoryMap = ({ memory }: Detail): HeatMapOf => {
  const most = reach(flat(memory));
  const width = memory[0]!.length;
  return {
    title: 'Memory', note: `after the step, from −${brief(most)} (orange) to ${brief(most)} (violet)`, rows: width, columns: memory.length,
    at: (m, n) => memory[n]![m]!, ramp: 'signed', low: -most, high: most, height: heightOf(width), names: ['place', 'slot'],
  };
};

const changeMap = ({ memory, before }: Detail): HeatMapOf => {
  const at = (m: number, n: number): number => memory[n]![m]! - before[n]![m]!;
  const width = memory[0]!.length;
  const most = reach(memory.flatMap((row, n) => Array.from(row, (_, m) => at(m, n))));
  return { ...memoryMap({ memory, before, heads: [], time: 0 }), title: 'Its change', note: `in this step, at most ${brief(most)}`, rows: width, at, low: -most, high: most };
};

const vectorMap = (title: string, values: Float32Array, signed: boolean): HeatMapOf => {
  const most = signed ? reach(values) : 1;
  return { title, rows: 1, columns: values.length, at: (_, m) => values[m]!, ramp: signed ? 'signed' : 'amount', low: signed ? -most : 0, high: most, height: 16, names: ['row', 'place'] };
};

/** `−1: 0.02`, for the taps of a shift. */
const taps = (s: Float32Array): string => Array.from(s, (value, i) => `${brief(i - (s.length - 1) / 2).replace(/^(?=[1-9])/, '+')}: ${brief(value)}`).join('   ');

const Parameters = ({ detail }: { readonly detail: HeadDetail }) => (
  <div class="parameters">
    <dl>
      <div>
        <dt>
          <var>β</var> key strength
        </dt>
        <dd>{brief(detail.beta)}</dd>
      </div>
      <div>
        <dt>
          <var>g</var> gate
        </dt>
        <dd>{brief(detail.g)}</dd>
      </div>
      <div>
        <dt>
          <var>s</var> shift
        </dt>
        <dd>{taps(detail.s)}</dd>
      </div>
      <div>
        <dt>
          <var>γ</var> sharpening
        </dt>
        <dd>{brief(detail.gamma)}</dd>
      </div>
    </dl>
    <div class="vectors">
      {([['k', 'key', detail.k, true], ['e', 'erase', detail.e, false], ['a', 'add', detail.a, true]] as const).map(
        ([symbol, words, values, signed]) =>
          values && (
            <div key={symbol}>
              <span>
                <var>{symbol}</var> {words}
              </span>
              <HeatMap map={vectorMap(symbol, values, signed)} label={`${words} vector`} />
            </div>
          ),
      )}
    </div>
  </div>
);

const STAGES = [
  ['wc', 'w', 'c', 'by content: slots that are like the key'],
  ['wg', 'w', 'g', 'gated: mixed with where it looked before'],
  ['shifted', 'w̃', '', 'shifted: moved along by s'],
  ['w', 'w', '', 'sharpened: what the head uses'],
] as const;

export const slotBoardMaps = (detail: Detail): readonly HeatMapOf[] => {
  const own = detail.heads[head.value];
  const stage = (title: string, values: Float32Array): HeatMapOf => ({ ...vectorMap(title, values, false), high: 1, height: 24, names: ['row', 'slot'] });
  return [memoryMap(detail), changeMap(detail), ...(own ? STAGES.map(([key, symbol, index]) => stage(index ? `${symbol}_${index}` : symbol, own[key])) : [])];
};

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
    if (detail) download('ntm-inside.svg', 'image/svg+xml', figureOf(`Inside at step ${detail.time}, ${headName(model, head.value)}`, slotBoardMaps(detail), scheme.peek()));
  };
  return (
    <section class="panel board" id="inside" aria-labelledby="inside-title">
      <header>
        <h2 id="inside-title">Inside at step {time.value}</h2>
        <button type="button" class="quiet" disabled={!detail} onClick={save}>
          Save as SVG
        </button>
      </header>
      {!detail && <p class="line">{training.value ? 'Pause to look inside.' : '…'}</p>}
      {detail && (
        <>
          {training.value && <p class="line">As it was when training went on; pause to look inside as it is now.</p>}
          {[memoryMap(detail), changeMap(detail)].map((map, i) => (
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
