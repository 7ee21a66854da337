/**
 * A run's metrics.jsonl and TensorBoard events. A fresh run begins them anew and sets those of an earlier
 * one aside; a resumed one goes on from its checkpoint's step: what a killed process wrote beyond it, and
 * what it left torn, is cut off first.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { IoError } from '../io/errors.js';
import { appendBytes, appendLine, attempt, readBytes, writeAtomically } from '../io/files.js';
import { asRecord, parseStrictly } from '../io/json.js';
import { encodeEvent, encodeImages, encodeVersion, type EventRecord, type Image, readEvents } from '../io/tensorboard.js';
import type { Block } from './blocks.js';

export const METRICS = 'metrics.jsonl';
export const EVENTS = 'events.out.tfevents.ntm';

const round = (value: number): number => Number(value.toPrecision(6));

/** A block as metrics.jsonl has it; a mean over nothing is left out, for JSON has no word for it. */
export const recordOf = ({ step, sequences, loss, bits, wrongBits, gradientNorm, learningRate, seconds, lost }: Block) => ({
  step,
  sequences,
  ...(Number.isFinite(loss) && { loss: round(loss), ...(Number.isFinite(bits) && { bits: round(bits) }), wrong_bits: round(wrongBits), gradient_norm: round(gradientNorm) }),
  learning_rate: round(learningRate),
  seconds: round(seconds),
  ...(lost > 0 && { lost }),
});

const isFigure = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The block of a line; null for one that is torn or not of the format. */
export const readRecord = (line: string): Block | null => {
  const json = parseStrictly(line);
  const fields = E.isRight(json) ? asRecord(json.right) : null;
  if (!fields) return null;
  const { step, sequences, loss = NaN, bits = NaN, wrong_bits: wrongBits = NaN, gradient_norm: gradientNorm = NaN, learning_rate: learningRate, seconds, lost = 0 } = fields;
  const means = [loss, wrongBits, gradientNorm];
  if (!isCount(step) || !isCount(sequences) || !isCount(lost) || !isFigure(learningRate) || !isFigure(seconds) || !(means.every(isFigure) || means.every(Number.isNaN)) || !(isFigure(bits) || Number.isNaN(bits))) return null;
  return { step, sequences, loss: loss as number, bits: bits as number, wrongBits: wrongBits as number, gradientNorm: gradientNorm as number, learningRate, seconds, lost };
};

/** Of records in the order of a file, those up to `step`, each step's last; earlier versions left some twice. */
export const keepUpTo = <R>(records: readonly R[], stepOf: (record: R) => number, step: number): readonly R[] => {
  const kept: R[] = [];
  let next = step + 1;
  for (const record of [...records].reverse()) {
    if (stepOf(record) >= next) continue;
    next = stepOf(record);
    kept.push(record);
  }
  return kept.reverse();
};

const bytesIfThere = (path: string): TE.TaskEither<IoError, Uint8Array> => async () => {
  const read = await readBytes(path)();
  return E.isLeft(read) && read.left.message === `${path}: no such file or folder` ? E.right(new Uint8Array()) : read;
};

const writeIfOther = (path: string, before: Uint8Array, after: Uint8Array): TE.TaskEither<IoError, void> =>
  Buffer.from(before).equals(after) ? TE.right(undefined) : writeAtomically(path, after);

interface Metrics {
  readonly blocks: readonly Block[];
  readonly bytes: Uint8Array;
  /** The bytes without what is torn, or beyond the step. */
  readonly kept: Uint8Array;
}

const readMetrics = (path: string, step: number): TE.TaskEither<IoError, Metrics> =>
  pipe(
    bytesIfThere(path),
    TE.map((bytes) => {
      const lines = new TextDecoder().decode(bytes).split('\n').flatMap((line) => {
        const block = readRecord(line);
        return block ? [{ line, block }] : [];
      });
      const kept = keepUpTo(lines, ({ block }) => block.step, step);
      return { blocks: kept.map(({ block }) => block), bytes, kept: new TextEncoder().encode(kept.map(({ line }) => `${line}\n`).join('')) };
    }),
  );

/** Cuts the events at a step; a file without its first record gets one. */
const repairEvents = (path: string, step: number, wallTime: number): TE.TaskEither<IoError, void> =>
  pipe(
    bytesIfThere(path),
    TE.chain((bytes) => {
      const records = readEvents(bytes).map((record, i, all) => ({ ...record, bytes: bytes.subarray(all[i - 1]?.end ?? 0, record.end) }));
      const [first, ...rest] = records;
      const version = first?.step === null ? first.bytes : encodeVersion(wallTime);
      const ofSteps = (first?.step === null ? rest : records).filter((record) => record.step !== null);
      const upTo = (holds: EventRecord['holds']) => keepUpTo(ofSteps.filter((record) => record.holds === holds), (record) => record.step!, step);
      const kept = [...upTo('scalars'), ...upTo('images')].sort((a, b) => a.end - b.end);
      return writeIfOther(path, bytes, Buffer.concat([version, ...kept.map((record) => record.bytes)]));
    }),
  );

/** Moves an earlier run's logs into a folder of their own, which TensorBoard shows as another run. */
const setAside = (folder: string, say: (line: string) => void): TE.TaskEither<IoError, void> =>
  attempt(folder, async () => {
    const names = await readdir(folder);
    const logs = [METRICS, EVENTS].filter((name) => names.includes(name));
    if (logs.length === 0) return;
    const numbers = names.flatMap((name) => (/^previous-[1-9]\d{0,8}$/.test(name) ? [Number(name.slice('previous-'.length))] : []));
    const kept = join(folder, `previous-${Math.max(0, ...numbers) + 1}`);
    await mkdir(kept);
    for (const name of logs) await rename(join(folder, name), join(kept, name));
    say(`the metrics of an earlier run in ${folder} are kept in ${kept}`);
  }, 'the metrics there cannot be kept: ');

export interface Logs {
  /** What stands in the metrics up to the step that the run goes on from. */
  readonly blocks: readonly Block[];
  /** Appends a block to both files, flushed before it returns. The first one sets aside, or cuts, what is there. */
  readonly append: (block: Block, wallTime: number) => TE.TaskEither<IoError, void>;
}

/** The blocks of a run's metrics.jsonl as far as they are whole: a run may be going on, or have been killed. */
export const readBlocks = (path: string): TE.TaskEither<IoError, readonly Block[]> => pipe(readMetrics(path, Number.MAX_SAFE_INTEGER), TE.map(({ blocks }) => blocks));

/** Adds images to a run's events, after its last block. */
export const appendImages = (folder: string, step: number, wallTime: number, images: Readonly<Record<string, Image>>): TE.TaskEither<IoError, void> =>
  appendBytes(join(folder, EVENTS), encodeImages({ step, wallTime, images }));

/** The logs in a folder that is there: of a fresh run, or of one resumed at a step. Nothing is written before the first block. */
export const openLogs = (folder: string, resumedAt: number | null, say: (line: string) => void): TE.TaskEither<IoError, Logs> => {
  const [metrics, events] = [join(folder, METRICS), join(folder, EVENTS)];
  const prepare = (wallTime: number): TE.TaskEither<IoError, void> =>
    pipe(
      resumedAt === null ? setAside(folder, say) : TE.right(undefined),
      TE.chain(() => readMetrics(metrics, resumedAt ?? 0)),
      TE.chain(({ bytes, kept }) => writeIfOther(metrics, bytes, kept)),
      TE.chain(() => repairEvents(events, resumedAt ?? 0, wallTime)),
    );
  const write = (block: Block, wallTime: number): TE.TaskEither<IoError, void> =>
    pipe(
      appendLine(metrics, JSON.stringify(recordOf(block))),
      TE.chain(() => {
        const { step, ...scalars } = recordOf(block);
        return appendBytes(events, encodeEvent({ step, wallTime, scalars }));
      }),
    );
  let prepared = false;
  return pipe(
    resumedAt === null ? TE.right<IoError, readonly Block[]>([]) : pipe(readMetrics(metrics, resumedAt), TE.map(({ blocks }) => blocks)),
    TE.map((blocks): Logs => ({
      blocks,
      append: (block, wallTime) =>
        pipe(
          prepared ? TE.of(undefined) : prepare(wallTime),
          TE.chain(() => {
            prepared = true;
            return write(block, wallTime);
          }),
        ),
    })),
  );
};
