/** The input, in whose bits one draws: with the pointer, or with arrows and space. */
import { useRef, useState } from 'preact/hooks';
import { drawnOf, toHex } from './bits.js';
import { HeatMap } from './heat-map.js';
import type { HeatMapOf } from './map.js';
import { want } from './sequence.js';
import { shown, time } from './state.js';

export const InputMap = ({ map }: { readonly map: HeatMapOf }) => {
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const [focused, setFocused] = useState(false);
  const [said, say] = useState('');
  /** What a drag draws: the opposite of where it began. */
  const pen = useRef<number | null>(null);
  const sequence = shown.value!;
  const { drawable, bits } = sequence;

  const put = (row: number, column: number, value: number | null): void => {
    const place = drawable.indexOf(column);
    if (place < 0 || row >= bits) return;
    const rows = drawnOf(sequence).map((each) => [...each]);
    const before = rows[place]![row]!;
    const next = value ?? 1 - before;
    pen.current = next;
    if (next === before) return;
    rows[place]![row] = next;
    say(`step ${column}, bit ${row}: ${next}`);
    want({ bits: toHex(rows) });
  };
  const key = (event: KeyboardEvent): void => {
    const [row, column] = at;
    const moves: Readonly<Record<string, readonly [number, number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (move) {
      const next = [Math.min(map.rows - 1, Math.max(0, row + move[0])), Math.min(map.columns - 1, Math.max(0, column + move[1]))] as const;
      setAt(next);
      say(`step ${next[1]}, bit ${next[0]}: ${map.at(...next)}`);
    } else if (event.key === ' ' || event.key === 'Enter') put(row, column, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <HeatMap
        map={map}
        label={bits > 0 ? 'Input: arrows move, space turns a bit over' : 'Input'}
        marked={time.value}
        className={bits > 0 ? 'drawable' : ''}
        cursor={focused ? at : null}
        onPress={(row, column, dragged) => put(row, column, dragged ? pen.current : null)}
        canvas={bits > 0 ? { role: 'application', tabIndex: 0, onKeyDown: key, onFocus: () => setFocused(true), onBlur: () => setFocused(false) } : {}}
      />
      <span class="hidden" role="status">
        {said}
      </span>
    </>
  );
};
