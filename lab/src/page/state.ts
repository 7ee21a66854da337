/** All that the page shows, as signals. */
import { batch, computed, signal } from '@preact/signals';
import type { Answer, Checked, Detail, Ended, Intervention, ModelInfo, Point, Ready, Settings, Shown, Side, Told, Wanted } from '../worker/messages.js';

const sideState = () => ({
  info: signal<ModelInfo | null>(null),
  /** What it is, for people: a shipped file's name, or null for one of the settings. */
  name: signal<string | null>(null),
  training: signal(false),
  points: signal<readonly Point[]>([]),
  told: signal<Told | null>(null),
  ended: signal<Ended | null>(null),
  /** When it was first solved: sequences and seconds. */
  solved: signal<{ readonly sequences: number; readonly seconds: number } | null>(null),
  answer: signal<Answer | null>(null),
  /** The answer with the interventions in force. */
  changed: signal<Answer | null>(null),
  detail: signal<Detail | null>(null),
  fault: signal<string | null>(null),
});
export type SideState = ReturnType<typeof sideState>;

export const sides: Readonly<Record<Side, SideState>> = { a: sideState(), b: sideState() };

export const ready = signal<Ready | null>(null);
/** Settings that differ from the defaults. */
export const settings = signal<Settings>({});
export const checked = signal<Checked | null>(null);
/** Of the last settings that were right. */
export const inForce = signal<Extract<Checked, { readonly fault: null }> | null>(null);
/** The settings that the model was made with. */
export const made = signal<Settings | null>(null);

export const wanted = signal<Wanted>({ cell: {}, seed: 1, bits: null });
/** Memory slots for this sequence; null for the model's own. */
export const slots = signal<number | null>(null);
export const shown = signal<Shown | null>(null);

/** Of the cursor; −1 until there is a sequence, whose answer it then begins at. */
export const time = signal(-1);
export const head = signal(0);
export const slot = signal<number | null>(null);
export const running = signal(false);

/** What stands beside it (beside.ts), in the words of the address. */
export const beside = signal<string | null>(null);

export const interventions = signal<readonly Intervention[]>([]);

export const fault = signal<string | null>(null);

/** The slot chosen, else the one that the chosen head looks at most. */
export const slotInView = (): number | null => {
  const chosen = slot.value;
  const detail = sides.a.detail.value;
  if (chosen !== null && chosen < (detail?.memory.length ?? 0)) return chosen;
  const w = detail?.heads[head.value]?.w;
  return w ? w.reduce((most, value, n) => (value > w[most]! ? n : most), 0) : null;
};

export const answered = computed(() => sides.a.changed.value ?? sides.a.answer.value);

/** A new model on a side: nothing of the one before is left. */
export const begin = (side: Side, info: ModelInfo, name: string | null): void =>
  batch(() => {
    const s = sides[side];
    s.info.value = info;
    s.name.value = name;
    s.training.value = false;
    s.points.value = [];
    s.told.value = null;
    s.ended.value = null;
    s.solved.value = null;
    s.answer.value = null;
    s.changed.value = null;
    s.detail.value = null;
    s.fault.value = null;
    if (side === 'a') slot.value = null;
  });

export const leave = (side: Side): void =>
  batch(() => {
    sides[side].info.value = null;
    sides[side].answer.value = null;
    sides[side].detail.value = null;
  });
