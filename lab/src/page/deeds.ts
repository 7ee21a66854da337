/** Interventions as words of the address: `24_erase_17`, `24_copy_17_3`, `24_fill_17_0.5`, `24_move_h0_17`, `24_gate_h0_1_end`. */
import type { Intervention, ModelInfo, Shown } from '../worker/messages.js';

export const toWords = (each: Intervention): string => {
  const words = (): ReadonlyArray<string | number> => {
    switch (each.kind) {
      case 'erase':
        return [each.slot];
      case 'copy':
        return [each.slot, each.from];
      case 'fill':
        return [each.slot, each.value];
      case 'move':
        return [`h${each.head}`, each.slot];
      case 'gate':
        return [`h${each.head}`, each.value, each.until];
    }
  };
  return [each.time, each.kind, ...words()].join('_');
};

const WORDS = /^(\d+)_(?:(erase)_(\d+)|(copy)_(\d+)_(\d+)|(fill)_(\d+)_([\d.e-]+)|(move)_h(\d+)_(\d+)|(gate)_h(\d+)_([\d.e-]+)_(step|end))$/;

/** Null where they say nothing. */
export const fromWords = (words: string): Intervention | null => {
  const [, at, ...found] = WORDS.exec(words) ?? [];
  const [kind, first, second, third] = found.filter((word) => word !== undefined);
  const [time, one, two] = [Number(at), Number(first), Number(second)];
  switch (kind) {
    case 'erase':
      return { time, kind, slot: one };
    case 'copy':
      return { time, kind, slot: one, from: two };
    case 'fill':
      return { time, kind, slot: one, value: two };
    case 'move':
      return { time, kind, head: one, slot: two };
    case 'gate':
      return { time, kind, head: one, value: two, until: third === 'end' ? 'end' : 'step' };
    default:
      return null;
  }
};

/** Whether it can be done to a model on a sequence. */
export const canBeDone = (each: Intervention, { heads }: ModelInfo, { steps }: Shown, slots: number): boolean =>
  each.time < steps &&
  (!('slot' in each) || each.slot < slots) &&
  (!('from' in each) || each.from < slots) &&
  (!('head' in each) || each.head < heads.length) &&
  (each.kind !== 'fill' || Math.abs(each.value) <= 10) &&
  (each.kind !== 'gate' || (each.value >= 0 && each.value <= 1));
