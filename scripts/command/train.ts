/** `train`: from the settings to trained weights, saved, evaluated and drawn. */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { heldOutBatch } from '../../src/evaluation/evaluate.js';
import type { IoError } from '../../src/io/errors.js';
import { loadTensors, proveWritable, saveTensors, writeAtomically } from '../../src/io/files.js';
import { initialParameters } from '../../src/model/initialise.js';
import type { Model } from '../../src/model/inspect.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { seededRng } from '../../src/random.js';
import { type Checkpoint, decodeCheckpoint, decodeModel, encodeCheckpoint } from '../../src/training/checkpoint.js';
import { type Configuration, configure, decodeConfiguration, type Key, optionOf, rangeOf, shapeOf, taskOf } from '../../src/training/configuration.js';
import { type Arrays, startingState } from '../../src/training/learner.js';
import { FLAWLESS, initialState, isDone, type Report, SOLVED, train, type Trainer, type TrainingState } from '../../src/training/trainer.js';
import { type Console, heading } from './console.js';
import { cellsOf, evaluateModel } from './evaluate.js';
import { type Arguments, type CliError, failure, usage } from './options.js';
import { drawModel, lossCurve } from './pictures.js';
import { type Block, openEvents, progressLine, trackBlocks, writeBlock } from './progress.js';
import { openEvaluator, openLearner, pickBackend, threadsFor } from './session.js';

const PROGRESS_MILLISECONDS = 1000;
const SAVE_MILLISECONDS = 30_000;
const TURN_MILLISECONDS = 50;

export interface Paths {
  readonly model: string;
  readonly out: string;
}

export const fromIo = ({ message }: IoError): CliError => failure(message);

/** Settings that may differ from the checkpoint's when a run is resumed: none of them changes its numbers. */
const RESUMABLE: readonly Key[] = ['iterations', 'untilSolved', 'backend', 'workers'];

const resumeFrom = (path: string, settings: Arguments['settings']): TE.TaskEither<CliError, Checkpoint> =>
  pipe(
    loadTensors(path),
    TE.mapLeft(fromIo),
    TE.chainEitherK((file) => pipe(decodeCheckpoint(file), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK((checkpoint): E.Either<CliError, Checkpoint> => {
      const saved = checkpoint.configuration;
      const fixed = (Object.keys(settings) as Key[]).find((key) => !RESUMABLE.includes(key) && settings[key] !== saved[key]);
      if (fixed) return E.left(usage(`${optionOf(fixed)} ${String(settings[fixed])} cannot change on --resume: ${path} was trained with ${String(saved[fixed])}`));
      return pipe(decodeConfiguration({ ...saved, ...settings }), E.bimap(({ message }) => usage(message), (configuration) => ({ ...checkpoint, configuration })));
    }),
  );

const startFresh = (configuration: Configuration): Checkpoint => {
  const [parameters, rng] = initialParameters(shapeOf(configuration), configuration.initialFocus)(seededRng(configuration.seed));
  return { configuration, state: initialState(rng, configuration), arrays: startingState(configuration.optimizer, parameters) };
};

const describeModel = ({ controller, layers, hidden, slots, width, readHeads, writeHeads, taps }: ModelShape): string =>
  [`${controller}${layers > 1 ? ` of ${layers} layers` : ''}`, `hidden ${hidden}`, ...(slots > 0 ? [`memory ${slots}x${width}`, `${readHeads} read and ${writeHeads} write heads`, `${taps} taps`] : [])].join(', ');

const startFromWeights = (configuration: Configuration, path: string): TE.TaskEither<CliError, Checkpoint> =>
  pipe(
    loadTensors(path),
    TE.mapLeft(fromIo),
    TE.chainEitherK((file) => pipe(decodeModel(file, configuration.legacyWriteAddressing || undefined), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK(({ shape, parameters }): E.Either<CliError, Checkpoint> => {
      const wanted = shapeOf(configuration);
      const same = (['controller', 'layers', 'hidden', 'slots', 'width', 'readHeads', 'writeHeads', 'taps', 'memoryInit', 'inputs', 'outputs'] as const).every((key) => shape[key] === wanted[key]);
      if (!same) return E.left(usage(`--init-from ${path} holds ${describeModel(shape)} with ${shape.inputs} inputs, the settings ask for ${describeModel(wanted)} with ${wanted.inputs}: give the options that match the file`));
      const fresh = startFresh({ ...configuration, legacyWriteAddressing: shape.legacyWriteAddressing });
      return E.right({ ...fresh, arrays: startingState(configuration.optimizer, parameters) });
    }),
  );

const readJson = (path: string | null): TE.TaskEither<CliError, Record<string, unknown>> =>
  path === null
    ? TE.right({})
    : TE.tryCatch(
        async () => {
          const { readFile } = await import('node:fs/promises');
          const json: unknown = JSON.parse(await readFile(path, 'utf8'));
          if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('not an object of settings');
          return json as Record<string, unknown>;
        },
        (error) => usage(`--config ${path}: ${(error as Error).message.split('\n')[0]}`),
      );

/** The settings in force: preset, then --config, then the options. */
export const settingsFor = (task: Configuration['task'], given: Arguments): TE.TaskEither<CliError, Configuration> =>
  pipe(
    readJson(given.config),
    TE.chainEitherK((file) => pipe(configure(task, { ...file, ...given.settings }), E.mapLeft(({ message }) => usage(message)))),
  );

const beginning = (task: Configuration['task'], given: Arguments, model: string): TE.TaskEither<CliError, Checkpoint> => {
  if (given.resume) return resumeFrom(model, given.settings);
  return pipe(
    settingsFor(task, given),
    TE.chain((configuration) => (given.initFrom === null ? TE.right(startFresh(configuration)) : startFromWeights(configuration, given.initFrom))),
  );
};

const announce = (out: Console, c: Configuration, reason: string, threads: number): void => {
  out.say(heading(`${c.task}: ${describeModel(shapeOf(c))}, ${c.bits} bits`));
  out.say(`settings: ${Object.entries(c).map(([key, value]) => `${key} ${String(value)}`).join(', ')}`);
  out.say(`backend: ${reason}; ${threads} thread${threads > 1 ? 's' : ''}`);
  out.data({ event: 'settings', ...c, threads });
};

const allFinite = (arrays: Arrays): boolean => Object.values(arrays).every((values) => values.every(Number.isFinite));

/** Keeps what a new run would overwrite. */
const keepPrevious = (out: Console, path: string): TE.TaskEither<CliError, void> => {
  if (!existsSync(path)) return TE.right(undefined);
  const kept = path.replace(/(\.safetensors)?$/, '.previous$1');
  return TE.tryCatch(
    async () => {
      await rename(path, kept);
      out.say(`the weights that were in ${path} are now in ${kept}`);
    },
    (error) => failure(`${path}: cannot be renamed to ${kept}: ${(error as Error).message}`),
  );
};

interface Loop {
  readonly end: 'done' | 'interrupted';
  readonly state: TrainingState;
  readonly blocks: readonly Block[];
  readonly seconds: number;
}

/** Trains, shows progress, writes metrics and saves now and then; SIGINT ends it after the step at hand. */
const runLoop = (out: Console, trainer: Trainer, start: TrainingState, folder: string, save: (state: TrainingState) => TE.TaskEither<CliError, void>): TE.TaskEither<CliError, Loop> => async () => {
  const { configuration: c } = trainer;
  const tracker = trackBlocks(() => performance.now());
  const blocks: Block[] = [];
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) process.exit(130);
    interrupted = true;
    out.say('interrupted: finishing the step and saving; once more exits at once');
  };
  process.on('SIGINT', interrupt);
  const begun = performance.now();
  let shown = begun - PROGRESS_MILLISECONDS / 2;
  let saved = begun;
  let turned = begun;
  let lastError: CliError | null = null;

  const record = async (block: Block | null): Promise<void> => {
    if (!block) return;
    blocks.push(block);
    const written = await writeBlock(folder, out, block, Date.now() / 1000)();
    if (E.isLeft(written)) lastError = fromIo(written.left);
  };

  const observe = async (report: Report): Promise<'continue' | 'stop'> => {
    await record(tracker.add(report));
    const now = performance.now();
    const { step, solvedAt } = report.state;
    if (report.heldOut !== null) out.say(`iteration ${step}: ${report.heldOut.toFixed(4)} wrong bits a held-out sequence${report.state.good > 0 ? ` (${report.state.good} of ${SOLVED.inARow} good in a row)` : ''}`);
    if (report.longest !== null) out.say(`iteration ${step}: ${(100 * report.longest).toFixed(1)}% of the longest held-out sequences entirely right (${solvedAt === null ? 'no longer solved' : `${report.state.flawless} of ${FLAWLESS.inARow} times all`})`);
    if (report.heldOut !== null && solvedAt === report.state.sequences) {
      const seconds = (now - begun) / 1000;
      out.say(heading(`solved after ${solvedAt} sequences, ${seconds.toFixed(1)} s`));
      out.data({ event: 'solved', step, sequences: solvedAt, seconds: Number(seconds.toFixed(2)) });
    }
    if (now - shown > PROGRESS_MILLISECONDS) {
      shown = now;
      const steps = step - start.step;
      out.progress(progressLine(report, c.iterations, (1000 * steps * c.batch) / (now - begun), (now - begun) / 1000 / steps));
    }
    if (now - saved > SAVE_MILLISECONDS) {
      const result = await save(report.state)();
      if (E.isLeft(result)) lastError = result.left;
      saved = performance.now();
    }
    if (now - turned > TURN_MILLISECONDS) {
      await nextTurn();
      turned = now;
    }
    return interrupted || lastError !== null ? 'stop' : 'continue';
  };

  const result = await train(trainer, start, observe)();
  process.off('SIGINT', interrupt);
  await record(tracker.rest());
  if (E.isLeft(result)) return E.left(failure(result.left.message));
  if (lastError !== null) return E.left(lastError);
  return E.right({ end: interrupted && !isDone(c, result.right) ? 'interrupted' : 'done', state: result.right, blocks, seconds: (performance.now() - begun) / 1000 });
};

/** The whole command. */
export const trainCommand = (task: Configuration['task'], given: Arguments, out: Console, paths: Paths, command: string): TE.TaskEither<CliError, void> =>
  pipe(
    beginning(task, given, paths.model),
    TE.chainFirst(() => pipe(proveWritable(dirname(paths.model)), TE.chain(() => proveWritable(paths.out)), TE.mapLeft(fromIo))),
    TE.bindTo('begin'),
    TE.bind('choice', ({ begin }) => pickBackend(begin.configuration)),
    TE.chain(({ begin, choice }) => {
      const c = begin.configuration;
      const t = taskOf(c);
      announce(out, c, `${choice.backend} on ${choice.renderer} (${choice.reason})`, threadsFor(c, choice.backend));
      return pipe(
        TE.Do,
        TE.bind('learner', () => openLearner(c, choice.backend)),
        TE.bind('evaluator', () => openEvaluator(shapeOf(c), choice.backend, t.steps(c.maxLength, c.maxRepeats) + 2, heldOutBatch(rangeOf(c), SOLVED.sequences))),
        TE.chainFirst(({ learner, evaluator }) =>
          TE.tryCatch(
            async () => {
              await learner.restore(begin.arrays);
              await evaluator.set('parameters', await learner.averages());
            },
            (error) => failure(`the weights could not be set: ${String(error)}`),
          ),
        ),
        TE.chainFirst(() => (given.resume ? TE.right(undefined) : keepPrevious(out, paths.model))),
        TE.chainFirst(() => pipe(openEvents(paths.out, Date.now() / 1000), TE.mapLeft(fromIo))),
        TE.chain(({ learner, evaluator }) => {
          const trainer: Trainer = { configuration: c, learner, evaluator };
          const save = (state: TrainingState): TE.TaskEither<CliError, void> =>
            pipe(
              TE.tryCatch(() => learner.snapshot(), (error) => failure(`the weights could not be read: ${String(error)}`)),
              TE.chain((arrays) =>
                allFinite(arrays)
                  ? pipe(saveTensors(paths.model, encodeCheckpoint({ configuration: c, state, arrays })), TE.mapLeft(fromIo))
                  : TE.left(failure(`weights at step ${state.step} are not finite: lower --learning-rate (now ${c.learningRate}); ${paths.model} keeps the last good ones, if any`)),
              ),
            );
          return pipe(
            runLoop(out, trainer, begin.state, paths.out, save),
            TE.chainFirst(({ state }) => save(state)),
            TE.chainFirst(({ end, state, seconds }) => {
              out.say(`${state.step} iterations, ${state.sequences} sequences, ${seconds.toFixed(1)} s; saved ${paths.model}`);
              return end === 'interrupted' ? TE.left<CliError>({ code: 130, message: `saved; go on with: npx tsx ${command} --resume --model ${paths.model}` }) : TE.right(undefined);
            }),
            TE.chainFirst(({ blocks }) => pipe(lossCurve(blocks), (png) => writeAtomically(join(paths.out, 'loss.png'), png), TE.mapLeft(fromIo))),
            TE.bindTo('loop'),
            TE.bind('parameters', () => TE.tryCatch(() => learner.averages(), (error) => failure(String(error)))),
            TE.chainFirst(() => TE.tryCatch(async () => { await learner.dispose(); await evaluator.dispose(); }, (error) => failure(String(error)))),
            TE.chain(({ parameters }) => {
              const model: Model = { shape: shapeOf(c), parameters };
              out.say(heading('evaluation'));
              return pipe(
                evaluateModel(out, choice.backend, t, rangeOf(c), model, cellsOf(t, given), given.sequences),
                TE.chain(() => drawModel(out, choice.backend, t, rangeOf(c), model, paths.out)),
              );
            }),
          );
        }),
      );
    }),
  );
