/** The trainer process (scripts/run/supervise.ts): hears first, and only then loads what trains. */
import { listen } from './interruption.js';

const interruption = listen();
const [task, script, ...options] = process.argv.slice(2);
const { main } = await import('../command/main.js');
await main(task || null, script || null, options, interruption);
