/** A learner that splits every batch over threads of Node, each with its own GPU.js instance. */
import type { OptimiserKind } from '../model/optimiser.js';
import type { ModelShape } from '../model/shapes.js';
import { type Batch, lossWeights } from '../tasks/sequences.js';
import { type Arrays, getAll, type Learner, type Losses, readLosses, stateNames } from '../training/learner.js';
import { COMMAND, createExchange, type ExchangeBuffers, exchangeOf } from './exchange.js';
import { createPart, gradientSize, type PartOptions, shareState, stateSize } from './part.js';
import { startThread } from './threads.js';

export interface ParallelOptions {
  readonly shape: ModelShape;
  readonly optimiser: OptimiserKind;
  readonly batch: number;
  readonly capacity: number;
  /** At least 2 and at most `batch`. */
  readonly threads: number;
}

/** What a thread is told to do. */
export interface WorkerData {
  readonly part: PartOptions;
  readonly buffers: ExchangeBuffers;
}

/** Rows of each thread: as even as can be, the first threads one more. */
export const sharesOf = (batch: number, threads: number): readonly number[] => Array.from({ length: threads }, (_, i) => Math.floor(batch / threads) + (i < batch % threads ? 1 : 0));

/** Rows `from … from + count` of a batch as the inputs of one thread, laid out in `buffer`. */
const inputsOf = (shape: ModelShape, batch: Batch, from: number, count: number, buffer: SharedArrayBuffer) => {
  const { steps } = batch;
  const rows = steps * count;
  const view = (at: number, width: number): Float32Array => new Float32Array(buffer, 4 * rows * at, rows * width);
  const copy = (values: Float32Array, at: number, width: number): Float32Array => {
    const into = view(at, width);
    for (let t = 0; t < steps; t++) into.set(values.subarray((t * batch.batch + from) * width, (t * batch.batch + from + count) * width), t * count * width);
    return into;
  };
  return {
    x: copy(batch.x, 0, shape.inputs),
    target: copy(batch.target, shape.inputs, shape.outputs),
    weight: copy(lossWeights(batch, shape.outputs), shape.inputs + shape.outputs, 1),
  };
};

/** The inputs that {@link inputsOf} laid out, as another thread sees them. */
export const viewInputs = (shape: ModelShape, steps: number, count: number, buffer: SharedArrayBuffer) => {
  const rows = steps * count;
  return {
    x: new Float32Array(buffer, 0, rows * shape.inputs),
    target: new Float32Array(buffer, 4 * rows * shape.inputs, rows * shape.outputs),
    weight: new Float32Array(buffer, 4 * rows * (shape.inputs + shape.outputs), rows),
  };
};

/** A learner over worker threads of Node, each with its share of the batch (src/workers/exchange.ts). Rejects where a thread does not start. */
export const parallelLearner = async ({ shape, optimiser, batch, capacity, threads }: ParallelOptions): Promise<Learner> => {
  const shares = sharesOf(batch, threads);
  const channels = shape.inputs + shape.outputs + 1;
  const buffers = createExchange(threads, gradientSize(shape), stateSize(shape, optimiser), shares.map((rows) => rows * capacity * channels));
  const exchange = exchangeOf(buffers, threads);
  const partOf = (thread: number): PartOptions => ({ shape, optimiser, thread, threads, rows: shares[thread]!, capacity });
  const failures: Error[] = [];
  const others = shares.slice(1).map((_, i) => {
    const thread = startThread();
    thread.worker.on('error', (error) => {
      failures.push(error);
      exchange.fail();
    });
    thread.worker.postMessage({ part: partOf(i + 1), buffers } satisfies WorkerData);
    return thread;
  });
  const own = createPart(partOf(0), exchange);
  await Promise.all(others.map(({ ready }) => ready));

  return {
    train: async (given, settings): Promise<Losses> => {
      exchange.settings.set(settings);
      const { steps } = given;
      const inputs = shares.map((rows, i) => inputsOf(shape, given, shares.slice(0, i).reduce((a, b) => a + b, 0), rows, buffers.inputs[i]!));
      exchange.give({ code: COMMAND.train, steps });
      if (!(await own.train(inputs[0]!, steps))) throw failures[0] ?? new Error('a worker thread stopped');
      return readLosses(own.machine, batch);
    },
    averages: () => own.machine.get('averages'),
    snapshot: () => getAll(own.machine, stateNames(optimiser)),
    restore: async (arrays: Arrays) => {
      await shareState(exchange.state, shape, optimiser, arrays);
      exchange.give({ code: COMMAND.restore, steps: 0 });
      await own.restore(exchange.state);
      exchange.meet();
    },
    resources: own.machine.resources,
    dispose: async () => {
      exchange.give({ code: COMMAND.stop, steps: 0 });
      await Promise.all(others.map(({ worker }) => worker.terminate()));
      await own.machine.dispose();
    },
  };
};
