/** What a setting asks of the machine: known, said and refused before anything is done. */
import { availableParallelism, freemem } from 'node:os';
import * as E from 'fp-ts/lib/Either.js';
import { evaluatorBatch, inferenceBatch, inferenceSteps } from '../../src/evaluation/machines.js';
import type { Backend } from '../../src/gpu/backends.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { partsOf } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { threadsFor } from '../../src/node/learner.js';
import { sizeOf } from '../../src/program/graph.js';
import { bytesOf } from '../../src/program/memory.js';
import { type Cell, cellWords } from '../../src/tasks/cells.js';
import { type Configured, longestRun, shapeOf } from '../../src/training/configuration.js';
import { stateNames } from '../../src/training/learner.js';
import type { Task } from '../../src/tasks/definition.js';
import { sharesOf } from '../../src/workers/parallel.js';
import { type CliError, failure, usage } from './options.js';

const GIB = 2 ** 30;

/** What one WebAssembly memory can have. */
const WEBASM_BYTES = 4 * GIB;

/** Copies of weights and optimiser state beside the machine's while a checkpoint is written. */
const COPIES = 3;

/** Node and the compiled kernels, whatever the model. */
const BASE_BYTES = 150e6;

const available = (): number => process.availableMemory?.() ?? freemem();

/** "1.2 GiB", "340 MB". */
export const describeBytes = (bytes: number): string => (bytes < GIB ? `${Math.ceil(bytes / 1e6)} MB` : bytes < 1000 * GIB ? `${(bytes / GIB).toFixed(1)} GiB` : `${(bytes / GIB).toExponential(1)} GiB`);

const SMALLER = 'fewer slots (--memory), a smaller --hidden, width or --batch, or shorter sequences';

/** Largest single machine, and all of them together with what a checkpoint takes. */
interface Demand {
  readonly largest: number;
  readonly total: number;
}

const trainingDemand = (run: Configured, backend: Backend): Demand => {
  const { configuration: c } = run;
  const shape = shapeOf(run);
  const longest = longestRun(run);
  const program = recordTraining(shape, c.optimizer);
  const parts = sharesOf(c.batch, threadsFor(c, backend)).map((rows) => bytesOf(program, rows, longest));
  const [batch, steps] = evaluatorBatch(run);
  const evaluator = bytesOf(recordInference(shape), batch, inferenceSteps(shape, batch, steps));
  const state = 4 * stateNames(c.optimizer).length * sizeOf(partsOf(shape).layout.shape);
  return { largest: Math.max(...parts, evaluator), total: BASE_BYTES + parts.reduce((a, b) => a + b, 0) + evaluator + COPIES * state };
};

const fault = ({ largest, total }: Demand, backend: Backend, what: string, remedy: string): string | null => {
  if (backend === 'webasm' && largest > WEBASM_BYTES) return `${what} takes ${describeBytes(largest)}, of the 4 that WebAssembly reaches: ${remedy}`;
  const free = available();
  return total > free ? `${what} takes about ${describeBytes(total)} of memory, and ${describeBytes(free)} are free: ${remedy}` : null;
};

/** The memory that training takes, or why it cannot be had; threads beyond the cores are none. */
export const trainingMemory = (run: Configured, backend: Backend): E.Either<CliError, number> => {
  const { configuration: c } = run;
  const threads = threadsFor(c, backend);
  const cores = availableParallelism();
  if (threads > cores) return E.left(usage(`--workers ${c.workers} is more than the ${cores} core${cores > 1 ? 's' : ''} here: give at most ${cores}, or 0 for as many as help`));
  const demand = trainingDemand(run, backend);
  const refused = fault(demand, backend, `training ${c.batch} sequences of up to ${longestRun(run)} steps with hidden ${c.hidden}, memory ${c.slots}x${c.width}`, SMALLER);
  return refused === null ? E.right(demand.total) : E.left(failure(refused));
};

/** Bytes for each number of a sequence that is drawn and put into a batch. */
const DRAWN_BYTES = 40;

/** Refuses cells whose sequences are too long for the memory there is. */
export const evaluationFault = (shape: ModelShape, backend: Backend, task: Task, cells: readonly Cell[]): CliError | null => {
  const program = recordInference(shape);
  for (const cell of cells) {
    const steps = task.steps(cell) + task.more;
    const batch = inferenceBatch(shape, steps);
    const bytes = bytesOf(program, batch, inferenceSteps(shape, batch, steps));
    const drawn = DRAWN_BYTES * steps * batch * (task.inputs + task.outputs);
    const refused = fault({ largest: bytes, total: BASE_BYTES + bytes + drawn }, backend, `evaluating ${cellWords(cell)}`, 'fewer slots (--memory), or shorter sequences');
    if (refused !== null) return failure(refused);
  }
  return null;
};
