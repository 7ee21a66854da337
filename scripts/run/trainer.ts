/** The trainer process (scripts/run/supervise.ts): hears first, and only then loads what trains. */
import type { Configuration } from '../../src/training/configuration.js';
import { listen } from './interruption.js';

const interruption = listen();
const [task, script, ...options] = process.argv.slice(2);
const { main } = await import('../command/main.js');
await main(task as Configuration['task'], script!, options, interruption);
