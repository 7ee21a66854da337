/** The body of a worker thread: is told its part, and obeys the main thread's orders until told to stop. */
import { parentPort } from 'node:worker_threads';
import { COMMAND, exchangeOf } from './exchange.js';
import { type WorkerData, viewInputs } from './parallel.js';
import { createPart } from './part.js';

const { part: options, buffers } = await new Promise<WorkerData>((resolve) => void parentPort!.once('message', resolve));
const exchange = exchangeOf(buffers, options.threads);
const part = createPart(options, exchange);
parentPort!.postMessage('ready');

for (let generation = 0; ; generation++) {
  const { code, steps } = exchange.take(generation);
  if (code === COMMAND.stop) break;
  if (code === COMMAND.restore) {
    await part.restore(exchange.state);
    exchange.meet();
  } else if (!(await part.train(viewInputs(options.shape, steps, options.rows, buffers.inputs[options.thread]!), steps))) {
    break;
  }
}
