/** `--continue`: the same command begins a run, goes on with it, and leaves it alone once it has ended. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { writeAtomically } from '../../src/io/files.js';
import { type Settings, settingsIn } from '../../src/study/job.js';
import { encodeRecord, hasEnded, readRecord, RECORD, type RunRecord, sameSettings } from '../../src/study/record.js';
import type { TrainingState } from '../../src/training/trainer.js';
import { fromIo, settingsFor } from './beginning.js';
import type { Arguments, CliError } from './options.js';
import type { GivenTask } from './tasks.js';
import type { Paths } from './train.js';

/** The record of a run's folder; null where there is none that is whole. */
export const recordIn = async (folder: string): Promise<RunRecord | null> => readRecord(await readFile(join(folder, RECORD), 'utf8').catch(() => ''));

export const saveRecord = (folder: string, record: RunRecord): TE.TaskEither<CliError, void> => pipe(writeAtomically(join(folder, RECORD), encodeRecord(record)), TE.mapLeft(fromIo));

/**
 * Does the work of a run in a folder, and writes down there that it has begun and what came of it; an
 * interrupted one stays unfinished, and one that was stopped before its first step leaves nothing.
 */
export const recorded = (folder: string, settings: Settings, stopped: boolean, work: TE.TaskEither<CliError, TrainingState>): TE.TaskEither<CliError, void> =>
  pipe(
    stopped ? TE.right(undefined) : saveRecord(folder, { settings, outcome: 'unfinished' }),
    TE.chain(() => work),
    TE.chain(({ step: iterations, sequences, solvedAt, runningLoss: loss, runningWrong: wrongBits }) => {
      const end = solvedAt === null ? ({ outcome: 'not solved' } as const) : ({ outcome: 'solved', solvedAt } as const);
      return saveRecord(folder, { settings, ...end, iterations, sequences, loss, wrongBits });
    }),
    TE.orElseFirst(({ code, message, untouched }) => {
      if (untouched) return TE.fromTask(() => rm(join(folder, RECORD), { force: true }));
      return code === 1 ? saveRecord(folder, { settings, outcome: 'failed', reason: message }) : TE.right(undefined);
    }),
  );

/** The arguments with which to go on, or to begin; how the run ended, where it has. */
export const continued = (task: GivenTask, given: Arguments, { model, out }: Paths): TE.TaskEither<CliError, Arguments | RunRecord> =>
  pipe(
    settingsFor(task, given),
    TE.chainTaskK((configured) => async () => {
      const settings = settingsIn(configured);
      const record = await recordIn(out);
      if (record && hasEnded(record) && sameSettings(record.settings, settings)) return record;
      return existsSync(model) ? { ...given, resume: true, initFrom: null, config: null, settings } : given;
    }),
  );

export const isEnded = (found: Arguments | RunRecord): found is RunRecord => 'outcome' in found;
