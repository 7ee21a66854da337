/** The trainer process (scripts/run/supervise.ts): hears first, and only then loads what trains. */
import { availableParallelism } from 'node:os';
import { startAhead } from '../../src/workers/threads.js';
import { listen } from './interruption.js';

/** Options without which a command is a training on the usual threads: a batch of four has at most four. */
const UNUSUAL = /^--(eval|help|workers|batch|backend)\b/;
const USUAL_THREADS = Math.min(4, availableParallelism());

const interruption = listen();
const [task, script, ...options] = process.argv.slice(2);
// They load while this thread does.
if (!options.some((option) => UNUSUAL.test(option))) startAhead(USUAL_THREADS - 1);
const { main } = await import('../command/main.js');
await main(task || null, script || null, options, interruption);
