/** A weighting as bars, one a slot. */
import { fresh, usePainted } from './canvas.js';
import { cssOf, type Scheme, tableFor } from './colours.js';
import { brief, hideHover, showHover } from './hover.js';

const HEIGHT = 46;

const paint = (canvas: HTMLCanvasElement, values: Float32Array, of: Scheme): void => {
  const surface = fresh(canvas, HEIGHT);
  if (!surface) return;
  const { context, ratio, width, height } = surface;
  const table = tableFor('amount', of);
  context.fillStyle = cssOf(table, 0);
  context.fillRect(0, 0, width, height);
  context.fillStyle = cssOf(table, (of === 'light' ? 190 : 170) * 3);
  const across = width / values.length;
  values.forEach((value, n) => {
    const tall = value * (height - 1);
    const [left, right] = [Math.round(n * across), Math.max(Math.round(n * across) + 1, Math.round((n + 1) * across) - (across > 4 * ratio ? 1 : 0))];
    context.fillRect(left, height - tall, right - left, tall);
  });
};

export interface BarsProps {
  readonly values: Float32Array;
  readonly label: string;
  readonly marked: number | null;
  readonly onPress: (slot: number) => void;
}

export const Bars = ({ values, label, marked, onPress }: BarsProps) => {
  const canvas = usePainted(paint, values);
  const slotAt = ({ clientX }: PointerEvent): number => {
    const { left, width } = canvas.current!.getBoundingClientRect();
    return Math.min(values.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * values.length)));
  };
  const most = values.reduce((best, value, n) => (value > values[best]! ? n : best), 0);
  return (
    <div class="map" style={{ height: `${HEIGHT}px` }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${label}: most at slot ${most}, ${brief(values[most]!)}`}
        onPointerMove={(event) => showHover(`slot ${slotAt(event)}: ${brief(values[slotAt(event)]!)}`, event.clientX, event.clientY)}
        onPointerLeave={hideHover}
        onPointerDown={(event) => onPress(slotAt(event))}
      />
      {marked !== null && <div class="marked tick" style={{ left: `${(marked / values.length) * 100}%`, width: `${100 / values.length}%` }} />}
    </div>
  );
};
