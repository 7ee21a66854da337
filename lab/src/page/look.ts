/** Keeps what is shown of both models in step with the sequence, the time cursor and the interventions. */
import { batch } from '@preact/signals';
import type { Shown, Side } from '../worker/messages.js';
import { latest } from './latest.js';
import { head, interventions, running, shown, sides, slots, time, wanted } from './state.js';
import { sizeWithin, slotsWithin } from './sizes.js';
import { worker } from './worker.js';

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Detail of one step; what is late is left out by `latest`. */
const looking = (side: Side) =>
  latest(async () => {
    const s = sides[side];
    if (!opened[side]) return;
    const detail = await worker.look(side, time.peek());
    s.detail.value = detail;
  });

const opened: Record<Side, boolean> = { a: false, b: false };

const refreshing = (side: Side) =>
  latest(async () => {
    const s = sides[side];
    const [sequence, info] = [shown.peek(), s.info.peek()];
    if (!info || !sequence) return;
    /** Whether another sequence or another model is wanted by now, which is answered next. */
    const late = (): boolean => shown.peek() !== sequence || s.info.peek() !== info;
    try {
      const { inputs, outputs } = info.shape;
      if (inputs !== sequence.inputs || outputs !== sequence.outputs) {
        throw new Error(`this model takes ${inputs} channels and answers ${outputs}; the sequence has ${sequence.inputs} and ${sequence.outputs}`);
      }
      const answer = await worker.run(side, sequence, slots.peek());
      if (late()) return;
      batch(() => {
        s.answer.value = answer;
        s.changed.value = null;
        s.fault.value = null;
      });
      if (s.training.peek()) return;
      const careful = await worker.open(side, sequence, slots.peek());
      if (late()) return;
      opened[side] = true;
      const all = side === 'a' ? interventions.peek() : [];
      const changed = all.length > 0 ? await worker.intervene(side, all) : null;
      if (late()) return;
      batch(() => {
        s.answer.value = careful;
        s.changed.value = changed;
      });
      await look[side]();
    } catch (error) {
      if (late()) return;
      batch(() => {
        s.fault.value = words(error);
        s.answer.value = null;
        s.detail.value = null;
      });
    }
  });

const look: Readonly<Record<Side, () => Promise<void>>> = { a: looking('a'), b: looking('b') };
export const refresh: Readonly<Record<Side, () => Promise<void>>> = { a: refreshing('a'), b: refreshing('b') };

/** A side whose model is another one: what was opened of it is gone. */
export const forget = (side: Side): void => {
  opened[side] = false;
};

/** The first step whose answer counts. */
export const answerAt = ({ mask }: Shown): number => Math.max(0, mask.indexOf(1));

/** Draws the sequence that is wanted and has both models answer it. */
export const redraw = latest(async () => {
  const info = sides.a.info.peek();
  if (!info?.task) return;
  const { cell, seed, bits } = wanted.peek();
  slots.value = slotsWithin(slots.peek(), info.shape.slots);
  const sizes = Object.fromEntries(info.task.sizes.map(({ name, to, least }) => [name, sizeWithin(name, cell[name] ?? to, least)]));
  wanted.value = { ...wanted.peek(), cell: Object.fromEntries(Object.entries(sizes).filter(([name]) => cell[name] !== undefined)) };
  const sequence = await worker.sequence({ cell: sizes, seed, bits });
  const before = shown.peek();
  batch(() => {
    shown.value = sequence;
    sides.a.answer.value = null;
    sides.b.answer.value = null;
    sides.a.changed.value = null;
    sides.a.detail.value = null;
    sides.b.detail.value = null;
    const fits = time.peek() >= 0 && (before === null || before.steps === sequence.steps);
    time.value = fits ? Math.min(time.peek(), sequence.steps - 1) : answerAt(sequence);
    head.value = Math.min(head.peek(), Math.max(0, info.heads.length - 1));
  });
  await Promise.all([refresh.a(), refresh.b()]);
});

/** The cursor to a step, as whatever runs it does. */
export const goTo = (at: number): void => {
  const steps = shown.peek()?.steps ?? 1;
  time.value = Math.min(steps - 1, Math.max(0, at));
  for (const side of ['a', 'b'] as const) look[side]().catch(() => undefined);
};

/** The cursor to a step by somebody's hand: nothing runs it any more. */
export const moveTo = (at: number): void => {
  running.value = false;
  goTo(at);
};

export const intervened = latest(async () => {
  const all = interventions.peek();
  if (!opened.a || sides.a.training.peek()) return;
  const changed = await worker.intervene('a', all);
  sides.a.changed.value = all.length > 0 ? changed : null;
  await look.a();
});
