/** What is drawn over time: the sequence, the answer, and where the heads look. */
import type { Answer, ModelInfo, Shown } from '../worker/messages.js';
import { type HeatMapOf, heightOf } from './map.js';

const NAMES = ['bit', 'step'] as const;

const unit = (title: string, rows: number, columns: number, at: HeatMapOf['at'], note?: string): HeatMapOf => ({
  title, rows, columns, at, ramp: 'amount', low: 0, high: 1, height: heightOf(rows), names: NAMES, ...(note !== undefined && { note }),
});

/** Whether a step's answer counts; where none does, all are shown. */
const asked = ({ mask }: Shown): ((t: number) => boolean) => {
  const none = mask.every((value) => value === 0);
  return (t) => none || mask[t] === 1;
};

export const inputMap = ({ inputs, steps, input }: Shown): HeatMapOf => {
  const signed = input.some((value) => value < 0);
  return {
    ...unit('Input', inputs, steps, (i, t) => input[t * inputs + i]!, 'what the machine is shown, step by step'),
    ...(signed && { ramp: 'signed', low: -1, high: 1 }),
  };
};

export const targetMap = (shown: Shown): HeatMapOf => {
  const { outputs, steps, target, mask } = shown;
  return unit('Target', outputs, steps, (v, t) => (mask[t] === 1 ? target[t * outputs + v]! : NaN), 'what it ought to answer');
};

export const outputMap = (shown: Shown, { output }: Answer): HeatMapOf => {
  const counts = asked(shown);
  const { outputs, steps } = shown;
  return unit('Output', outputs, steps, (v, t) => (counts(t) ? output[t * outputs + v]! : NaN), 'what it answers: how sure it is of a 1');
};

export const errorMap = ({ outputs, steps, target, mask }: Shown, { output }: Answer): HeatMapOf => ({
  ...unit('Error', outputs, steps, (v, t) => (mask[t] === 1 ? Math.abs(output[t * outputs + v]! - target[t * outputs + v]!) : NaN), 'how far the one is from the other'),
  ramp: 'error',
});

/** What an intervention did to the answer. */
export const differenceMap = (shown: Shown, before: Answer, after: Answer): HeatMapOf => {
  const counts = asked(shown);
  const { outputs, steps } = shown;
  const at = (v: number, t: number): number => (counts(t) ? after.output[t * outputs + v]! - before.output[t * outputs + v]! : NaN);
  return { ...unit('Changed by you', outputs, steps, at, 'the answer with your changes minus the one without'), ramp: 'signed', low: -1, high: 1 };
};

export const headName = ({ heads }: Pick<ModelInfo, 'heads'>, h: number): string => {
  const { kind, index } = heads[h]!;
  const several = heads.filter((head) => head.kind === kind).length > 1;
  return `${kind === 'read' ? 'Read' : 'Write'} head${several ? ` ${index + 1}` : ''}`;
};

/** More than these are drawn lower, so that all can be seen together. */
const MANY_HEADS = 4;

/** All heads, the writing ones first, as things happen. */
export const weightingMaps = (info: ModelInfo, { weightings, slots }: Answer, steps: number): ReadonlyArray<{ readonly head: number; readonly map: HeatMapOf }> =>
  info.heads
    .map((head, h) => ({ head, h }))
    .filter(({ h }) => weightings[h] !== undefined)
    .sort((a, b) => Number(a.head.kind === 'read') - Number(b.head.kind === 'read'))
    .map(({ head, h }) => ({
      head: h,
      map: {
        ...unit(headName(info, h), slots, steps, (n, t) => weightings[h]![t * slots + n]!, `which slot it ${head.kind === 'write' ? 'writes to' : 'reads from'}, slot 0 at the top`),
        names: ['slot', 'step'],
        ...(info.heads.length > MANY_HEADS && { height: 72 }),
      },
    }));

/** Steps at which an intervention turned bits of the answer over, and how many bits. */
export const turned = (shown: Shown, before: Answer, after: Answer): { readonly bits: number; readonly steps: readonly number[] } => {
  const counts = asked(shown);
  const { outputs, steps } = shown;
  const of = Array.from({ length: steps }, (_, t) => {
    let bits = 0;
    for (let i = t * outputs; counts(t) && i < (t + 1) * outputs; i++) if (before.output[i]! >= 0.5 !== after.output[i]! >= 0.5) bits += 1;
    return bits;
  });
  return { bits: of.reduce((sum, bits) => sum + bits, 0), steps: of.flatMap((bits, t) => (bits > 0 ? [t] : [])) };
};

/** Wrong bits among those asked for. */
export const wrongBits = ({ outputs, steps, target, mask }: Shown, { output }: Answer): { readonly wrong: number; readonly of: number } => {
  let [wrong, of] = [0, 0];
  for (let t = 0; t < steps; t++) {
    if (mask[t] !== 1) continue;
    for (let v = 0; v < outputs; v++) {
      of += 1;
      if (output[t * outputs + v]! >= 0.5 !== target[t * outputs + v]! >= 0.5) wrong += 1;
    }
  }
  return { wrong, of };
};

