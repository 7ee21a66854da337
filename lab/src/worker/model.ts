/** One side's model: made, trained, looked into. */
import * as E from 'fp-ts/lib/Either.js';
import type { Ntm, TrainingReport } from 'ntm-gpu';
import { parameterCount, probe } from 'ntm-gpu/core';
import { type Inside, inputOf, openInside } from './inside.js';
import type { Answer, Ended, ModelInfo, Point, Shown, Side, Told } from './messages.js';
import { flat, taskInfo } from './settings.js';

/** Iterations of one point of the curves, and milliseconds from one message to the next. */
const EVERY = 10;
const MESSAGE_MILLISECONDS = 150;

/** Milliseconds over which speed is taken: a held-out evaluation is within, not the whole of it. */
const SPEED_MILLISECONDS = 3000;

export interface Held {
  readonly ntm: Ntm;
  readonly info: () => Promise<ModelInfo>;
  readonly train: (until: 'solved' | 'paused' | number) => Promise<Ended>;
  readonly pause: () => void;
  readonly run: (shown: Shown, slots: number | null) => Promise<Answer>;
  readonly open: (shown: Shown, slots: number | null) => Promise<Inside>;
  readonly inside: () => Inside;
  readonly dispose: () => Promise<void>;
}

const joined = (rows: readonly Float32Array[]): Float32Array => Float32Array.from(rows.flatMap((row) => [...row]));

export const hold = (side: Side, ntm: Ntm, tell: (told: Told) => void): Held => {
  let stop: AbortController | null = null;
  let opened: Inside | null = null;
  let larger: Ntm | null = null;

  /** The model with the slots asked for, which must have been made since it was last trained. */
  const sized = async (slots: number | null): Promise<Ntm> => {
    await larger?.dispose();
    larger = slots === null || slots === ntm.shape.slots ? null : await ntm.withSlots(slots);
    return larger ?? ntm;
  };

  const train = async (until: 'solved' | 'paused' | number): Promise<Ended> => {
    stop = new AbortController();
    const begun = ntm.progress.sequences;
    let points: Point[] = [];
    let marks = [{ at: performance.now(), sequences: begun }];
    let seconds = 0;
    const report = (last: Pick<TrainingReport, 'sequences' | 'solved'>): void => {
      const now = performance.now();
      marks = [...marks.filter(({ at }, i) => i === marks.length - 1 || at > now - SPEED_MILLISECONDS), { at: now, sequences: last.sequences }];
      const [first] = marks as [(typeof marks)[number]];
      const perSecond = now > first.at ? ((last.sequences - first.sequences) / (now - first.at)) * 1000 : 0;
      tell({ side, points, sequences: last.sequences, seconds, perSecond, solved: last.solved });
      points = [];
    };
    const target = until === 'solved' ? until : { iterations: until === 'paused' ? Number.MAX_SAFE_INTEGER : ntm.progress.iterations + until };
    const trained = await ntm.train({
      until: target,
      every: typeof until === 'number' ? 1 : EVERY,
      signal: stop.signal,
      onProgress: (at) => {
        ({ seconds } = at);
        points.push({ sequences: at.sequences, loss: at.loss, wrongBits: at.wrongBits });
        if (performance.now() - marks.at(-1)!.at > MESSAGE_MILLISECONDS) report(at);
      },
    });
    report(trained);
    return { sequences: trained.sequences, solved: trained.solved, ended: trained.ended };
  };

  return {
    ntm,
    info: async () => {
      const found = await probe(ntm.backend)();
      return {
        shape: ntm.shape,
        heads: ntm.heads,
        settings: ntm.settings && flat(ntm.settings),
        task: ntm.task && taskInfo(ntm.task),
        backend: ntm.backend,
        renderer: E.isRight(found) ? `${found.right.renderer}${found.right.software && ntm.backend.startsWith('webg') ? ', rendered in software' : ''}` : '',
        weights: parameterCount(ntm.shape),
        sequences: ntm.progress.sequences,
        solved: ntm.progress.solved,
      };
    },
    train,
    pause: () => stop?.abort(),
    run: async (shown, slots) => {
      const at = await sized(slots);
      const { sequences } = ntm.progress;
      const { output, weightings } = await at.run(inputOf(shown));
      return { output: joined(output), weightings: weightings.map(joined), slots: at.shape.slots, sequences };
    },
    open: async (shown, slots) => {
      await opened?.dispose();
      const { sequences } = ntm.progress;
      opened = await openInside(await sized(slots), shown, sequences);
      return opened;
    },
    inside: () => {
      if (!opened) throw new Error('no sequence was run yet');
      return opened;
    },
    dispose: async () => {
      stop?.abort();
      await opened?.dispose();
      await larger?.dispose();
      await ntm.dispose();
    },
  };
};
