/** One sequence run step by step by one model, kept so that every step can be looked at and run again with something changed. */
import type { Forced, ForcedHeads, Ntm, Step, Steps } from 'ntm-gpu';
import type { Answer, Detail, HeadDetail, Intervention, Shown } from './messages.js';

const joined = (rows: ReadonlyArray<Float32Array>): Float32Array => {
  const width = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, i) => all.set(row, i * width));
  return all;
};

export const inputOf = ({ steps, inputs, input }: Shown) => ({ shape: [steps, inputs] as const, data: input });

const answerOf = (seen: readonly Step[], heads: number, slots: number, sequences: number): Answer => ({
  output: joined(seen.map(({ output }) => output)),
  weightings: Array.from({ length: heads }, (_, h) => joined(seen.map((step) => step.heads[h]!.w))),
  slots,
  sequences,
});

/** Does to the machine what is to be done before its next step; says what is forced in that step. */
const applied = (steps: Steps, interventions: readonly Intervention[]): ForcedHeads => {
  const { time } = steps;
  const forced: Record<number, Forced> = {};
  for (const each of interventions) {
    if (each.kind === 'gate') {
      if (each.time === time || (each.time < time && each.until === 'end')) forced[each.head] = { g: each.value };
      continue;
    }
    if (each.time !== time) continue;
    if (each.kind === 'erase') steps.erase(each.slot);
    if (each.kind === 'copy') steps.write(each.slot, steps.before.memory[each.from]!);
    if (each.kind === 'fill') steps.write(each.slot, steps.before.memory[each.slot]!.map(() => each.value));
    if (each.kind === 'move') steps.move(each.head, each.slot);
  }
  return forced;
};

const detailOf = (step: Step, before: readonly Float32Array[]): Detail => ({
  time: step.time,
  before,
  memory: step.memory,
  heads: step.heads.map((head): HeadDetail => ({ ...head, e: head.e ?? null, a: head.a ?? null })),
});

export interface Inside {
  readonly answer: Answer;
  readonly intervene: (interventions: readonly Intervention[]) => Promise<Answer>;
  readonly look: (time: number) => Detail;
  readonly dispose: () => Promise<void>;
}

export const openInside = async (ntm: Ntm, shown: Shown, sequences: number): Promise<Inside> => {
  const steps = await ntm.steps(inputOf(shown));
  const start = steps.before.memory;
  const undisturbed = await steps.finish();
  const { slots } = ntm.shape;
  let seen = undisturbed;
  /** Where what was run last left the undisturbed run. */
  let parted = steps.length;
  return {
    answer: answerOf(undisturbed, steps.heads.length, slots, sequences),
    intervene: async (interventions) => {
      const from = Math.min(parted, ...interventions.map(({ time }) => time));
      if (interventions.length === 0) seen = undisturbed;
      else {
        steps.rewind(from);
        while (steps.time < steps.length) await steps.step(applied(steps, interventions));
        ({ seen } = steps);
        parted = from;
      }
      return answerOf(seen, steps.heads.length, slots, sequences);
    },
    look: (time) => detailOf(seen[time]!, time === 0 ? start : seen[time - 1]!.memory),
    dispose: steps.dispose,
  };
};
