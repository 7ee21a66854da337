/** Trains, evaluates and draws the copy task: npx tsx scripts/train-copy.ts --help */
import { main } from './command/main.js';

await main('copy', 'scripts/train-copy.ts');
