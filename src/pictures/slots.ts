/** Which slots of a memory a figure shows. The memory is a circle: what is shown may go over its end to its beginning. */

/** Rows `from` to `to` of a figure; row i is slot i mod `slots`. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly slots: number;
}

export const slotOf = (row: number, { slots }: SlotRange): number => row % slots;

/** `slots 120–3 of 128`. */
export const rangeWords = (range: SlotRange): string =>
  `slots ${slotOf(range.from, range)}–${slotOf(range.to, range)} of ${range.slots}`;

/** The longest stretch of the circle without a used slot: its first slot and its size. */
const longestGap = (used: readonly boolean[]): readonly [first: number, size: number] => {
  const slots = used.length;
  let best: readonly [number, number] = [0, 0];
  for (let i = 0, size = 0; i < 2 * slots; i++) {
    size = used[i % slots] ? 0 : size + 1;
    if (size > best[1]) best = [(i - size + 1) % slots, size];
  }
  return best;
};

/** The slots that are used and `margin` on either side; all of them where none is, or nearly all are. */
export const usedRange = (isUsed: (slot: number) => boolean, slots: number, margin: number): SlotRange => {
  const used = Array.from({ length: slots }, (_, slot) => isUsed(slot));
  const [first, size] = longestGap(used);
  const count = slots - size + 2 * margin;
  if (size >= slots || count >= slots) return { from: 0, to: slots - 1, slots };
  const from = (first + size - margin + slots) % slots;
  return { from, to: from + count - 1, slots };
};

/** A weight that is seen. */
const SEEN = 0.1;

/** The slots that any of some weightings [steps, slots] gives more than a tenth at some step. */
export const seenRange = (weightings: readonly ArrayLike<number>[], slots: number): SlotRange => {
  const most = new Float32Array(slots);
  for (const values of weightings)
    for (let i = 0; i < values.length; i++) most[i % slots] = Math.max(most[i % slots]!, values[i]!);
  return usedRange((slot) => most[slot]! > SEEN, slots, 1);
};
