/** The trainer process (scripts/run/supervise.ts): hears first, and only then loads what trains. */
import { availableParallelism } from 'node:os';
import { startAhead } from '../../src/workers/threads.js';
import { listen } from './interruption.js';

/** Options without which a command is a training of batches of four, which have at most four threads, on webasm. */
const UNUSUAL = /^--(eval|help|batch|backend)\b/;
/** As many as are asked for, by one word or two, or as there usually are. */
const threadsIn = (options: readonly string[]): number => {
  const at = options.findIndex((option) => /^--workers\b/.test(option));
  const wanted = Number(at < 0 ? NaN : (/=(.*)/.exec(options[at]!)?.[1] ?? options[at + 1]));
  return Math.min(4, wanted >= 1 ? wanted : availableParallelism());
};

const interruption = listen();
const [task, script, ...options] = process.argv.slice(2);
// They load while this thread does.
if (!options.some((option) => UNUSUAL.test(option))) startAhead(threadsIn(options) - 1);
const { main } = await import('../command/main.js');
await main(task || null, script || null, options, interruption);
