/** What the buttons do. */
import { batch } from '@preact/signals';
import type { Checked, Settings, Side, Told } from '../worker/messages.js';
import { forget, redraw, refresh } from './look.js';
import { begin, checked, fault, inForce, interventions, made, ready, settings, sides, wanted } from './state.js';
import { onTold, worker } from './worker.js';

/** Milliseconds between two looks at a model that is being trained. */
const LIVE_MILLISECONDS = 700;

export const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Says what went wrong, in the page's one place for it. */
export const attempt = async (action: () => Promise<unknown>): Promise<void> => {
  try {
    fault.value = null;
    await action();
  } catch (error) {
    fault.value = words(error);
  }
};

const lastLook: Record<Side, number> = { a: 0, b: 0 };

onTold((told: Told) => {
  const s = sides[told.side];
  batch(() => {
    if (told.points.length > 0) s.points.value = [...s.points.peek(), ...told.points];
    s.told.value = told;
    if (told.solved && !s.solved.peek()) s.solved.value = { sequences: told.sequences, seconds: told.seconds };
  });
  const now = performance.now();
  if (!s.training.peek() || now - lastLook[told.side] < LIVE_MILLISECONDS) return;
  lastLook[told.side] = now;
  void refresh[told.side]();
});

const train = (side: Side, until: 'solved' | 'paused' | number): Promise<void> =>
  attempt(async () => {
    const s = sides[side];
    const model = s.info.peek();
    if (!model || s.training.peek()) return;
    s.training.value = true;
    s.ended.value = null;
    const of = () => s.info.peek() === model;
    try {
      const ended = await worker.train(side, until);
      if (of()) s.ended.value = ended;
    } finally {
      if (of()) {
        s.training.value = false;
        await refresh[side]();
      }
    }
  });

/** Until the library says that it is done; a model that is done already goes on until it is paused. */
export const play = (side: Side): Promise<void> => train(side, sides[side].ended.peek()?.ended === 'reached' ? 'paused' : 'solved');
export const pause = (side: Side): Promise<void> => attempt(() => worker.pause(side));
export const step = (side: Side): Promise<void> => train(side, 1);

/** A model on the other side, however it comes about. */
export const besideOf = (load: () => ReturnType<typeof worker.create>, name: string | null): Promise<void> => shownAs('b', load, name);

const shownAs = async (side: Side, load: () => ReturnType<typeof worker.create>, name: string | null): Promise<void> => {
  const info = await load();
  forget(side);
  begin(side, info, name);
};

/** A new model by the settings in the form. */
export const reset = (): Promise<void> =>
  attempt(async () => {
    const by = settings.peek();
    await shownAs('a', () => worker.create('a', by), null);
    batch(() => {
      made.value = by;
      interventions.value = [];
    });
    await redraw();
  });

/** What the library says of the settings. */
export const hear = (found: Checked): void =>
  batch(() => {
    checked.value = found;
    if (found.fault === null) inForce.value = found;
  });

/** Checks changed settings; a model that nobody has trained yet is made anew by them. */
export const change = (changes: Readonly<Record<string, number | string | null>>): Promise<void> =>
  attempt(async () => {
    const next = Object.fromEntries(Object.entries({ ...settings.peek(), ...changes }).filter((entry): entry is [string, number | string] => entry[1] !== null));
    settings.value = next;
    const found = await worker.check(next);
    if (settings.peek() !== next) return;
    hear(found);
    const untouched = (sides.a.info.peek()?.sequences ?? 0) === 0 && sides.a.told.peek() === null && sides.a.name.peek() === null;
    if (found.fault === null && untouched) await reset();
  });

/** The sequence of another task: of its own usual sizes. */
const wantAnew = (): void => {
  wanted.value = { cell: {}, seed: wanted.peek().seed, bits: null };
};

/** Another task has other options: those of the one before are left behind. */
export const chooseTask = (name: string): Promise<void> => {
  const options = ready.peek()?.tasks.flatMap((task) => task.options.map((option) => option.name)) ?? [];
  const left = Object.fromEntries(options.map((option) => [option, null]));
  wantAnew();
  return change({ ...left, task: name === 'copy' ? null : name });
};

/** Weights into a side; the form then has the settings that they were trained with, as far as they say so. */
export const loadBytes = async (side: Side, bytes: ArrayBuffer, name: string, legacy = false): Promise<void> => {
  const task = String(settings.peek().task ?? 'copy');
  const before = sides.a.info.peek()?.task?.name;
  await shownAs(side, () => worker.load(side, bytes, task, legacy), name);
  if (side === 'b') return refresh.b();
  if (before !== undefined && sides.a.info.peek()?.task?.name !== before) wantAnew();
  interventions.value = [];
  await formOf();
  await redraw();
};

/** The form's settings are the loaded model's. */
const formOf = async (): Promise<void> => {
  const own = sides.a.info.peek()?.settings;
  if (!own) return;
  const usual = await worker.check({ task: own.task! });
  if (usual.fault !== null) return;
  const options = usual.task.options.map(({ name, value }) => [name, value] as const);
  const defaults: Settings = { ...usual.inForce, ...Object.fromEntries(options) };
  const changed = FIELDS_KEPT.concat(options.map(([name]) => name)).filter((name) => own[name] !== undefined && own[name] !== defaults[name]);
  settings.value = Object.fromEntries([...(own.task === 'copy' ? [] : [['task', own.task!] as const]), ...changed.map((name) => [name, own[name]!] as const)]);
  batch(() => {
    made.value = settings.peek();
  });
  hear(await worker.check(settings.peek()));
};

const FIELDS_KEPT: readonly string[] = ['controller', 'layers', 'hidden', 'slots', 'width', 'readHeads', 'writeHeads', 'taps', 'seed', 'learningRate', 'batch'];

/** A model that came with the page. */
export const loadShipped = (side: Side, file: string): Promise<void> =>
  attempt(async () => {
    const response = await fetch(`./models/${file}`);
    if (!response.ok) throw new Error(`models/${file} is not there (${response.status}): it belongs beside this page`);
    await loadBytes(side, await response.arrayBuffer(), file);
  });
