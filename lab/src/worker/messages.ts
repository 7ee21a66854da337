/** What the page asks of its worker, and what the worker tells the page. Everything here is cloned from one to the other. */
import type { Backend, Head, ModelShape } from 'ntm-gpu';

/** The two models that can be looked at side by side. */
export type Side = 'a' | 'b';

/** Settings of a run and of its task by name, as `createNtm` takes them; what is left out is the default. */
export type Settings = Readonly<Record<string, number | string>>;

/** A size of a task's sequences, such as length: trained from … to …, at least … */
export interface Size {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly least: number;
}

export interface TaskInfo {
  readonly name: string;
  readonly options: ReadonlyArray<{ readonly name: string; readonly value: number | string; readonly choices: readonly string[] | null; readonly help: string }>;
  readonly sizes: readonly Size[];
}

/** Settings checked: a fault with the field that it is about, or every setting in force and the task as these make it. */
export type Checked =
  | { readonly fault: { readonly field: string | null; readonly message: string } }
  | { readonly fault: null; readonly inForce: Settings; readonly task: TaskInfo };

export interface ModelInfo {
  readonly shape: ModelShape;
  readonly heads: readonly Head[];
  /** Null for weights that do not say what they are for. */
  readonly settings: Settings | null;
  readonly task: TaskInfo | null;
  readonly backend: Backend;
  /** The card, or that there is none. */
  readonly renderer: string;
  readonly weights: number;
  readonly sequences: number;
  readonly solved: boolean;
}

/** What a sequence is drawn by: its sizes and a seed, and bits that somebody drew instead of the random ones (hexadecimal, row by row). */
export interface Wanted {
  readonly cell: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly bits: string | null;
}

/** A sequence of T steps, of which the first are shown and the others are answers; arrays are [T, channels]. */
export interface Shown {
  readonly steps: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly input: Float32Array;
  readonly target: Float32Array;
  /** 1 at steps whose answer counts; none does where the sequence has no right answer. */
  readonly mask: Float32Array;
  /** Rows whose first `bits` channels may be drawn; none where the task's rule leaves no choice. */
  readonly drawable: readonly number[];
  readonly bits: number;
  /** Whether bits of somebody's own are in it. */
  readonly drawn: boolean;
}

/** What a model made of a sequence: [T, V], and where each head looked, [T, N]. */
export interface Answer {
  readonly output: Float32Array;
  readonly weightings: readonly Float32Array[];
  readonly slots: number;
  /** Sequences that the model had been trained on. */
  readonly sequences: number;
}

/** Something done to the machine just before a step. */
export type Intervention = { readonly time: number } & (
  | { readonly kind: 'erase'; readonly slot: number }
  | { readonly kind: 'copy'; readonly slot: number; readonly from: number }
  | { readonly kind: 'fill'; readonly slot: number; readonly value: number }
  | { readonly kind: 'move'; readonly head: number; readonly slot: number }
  | { readonly kind: 'gate'; readonly head: number; readonly value: number; readonly until: 'step' | 'end' }
);

/** One head at one step, in the paper's symbols. */
export interface HeadDetail extends Head {
  readonly k: Float32Array;
  readonly beta: number;
  readonly g: number;
  readonly s: Float32Array;
  readonly gamma: number;
  readonly e: Float32Array | null;
  readonly a: Float32Array | null;
  readonly wc: Float32Array;
  readonly wg: Float32Array;
  readonly shifted: Float32Array;
  readonly w: Float32Array;
}

/** The inside of a model at one step: memory [N][M] before and after it, and its heads. */
export interface Detail {
  readonly time: number;
  readonly before: readonly Float32Array[];
  readonly memory: readonly Float32Array[];
  readonly heads: readonly HeadDetail[];
}

export interface Point {
  readonly sequences: number;
  readonly loss: number;
  readonly wrongBits: number;
}

/** News of a training. */
export interface Told {
  readonly side: Side;
  readonly points: readonly Point[];
  readonly sequences: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly solved: boolean;
}

export interface Ended {
  readonly sequences: number;
  readonly solved: boolean;
  readonly ended: 'reached' | 'most iterations' | 'stopped';
}

export interface Ready {
  readonly tasks: readonly TaskInfo[];
  readonly controllers: readonly string[];
}

/** What can be asked for; every answer is a promise. */
export interface Api {
  readonly ready: () => Ready;
  readonly check: (settings: Settings) => Checked;
  readonly create: (side: Side, settings: Settings) => ModelInfo;
  readonly load: (side: Side, bytes: ArrayBuffer, task: string | null, legacy: boolean) => ModelInfo;
  /** The other side becomes this one as it is now. */
  readonly duplicate: (from: Side, to: Side) => ModelInfo;
  readonly train: (side: Side, until: 'solved' | 'paused' | number) => Ended;
  readonly pause: (side: Side) => void;
  readonly save: (side: Side, only: 'weights' | null) => Uint8Array;
  readonly sequence: (wanted: Wanted) => Shown;
  /** Quick, also during training: without what `look` wants. */
  readonly run: (side: Side, shown: Shown, slots: number | null) => Answer;
  /** Step by step, for `look` and interventions. */
  readonly open: (side: Side, shown: Shown, slots: number | null) => Answer;
  readonly intervene: (side: Side, interventions: readonly Intervention[]) => Answer;
  readonly look: (side: Side, time: number) => Detail;
}

export type Method = keyof Api;
export type Request = { readonly [M in Method]: { readonly id: number; readonly method: M; readonly args: Parameters<Api[M]> } }[Method];
export type Reply =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  | { readonly kind: 'told'; readonly told: Told };
