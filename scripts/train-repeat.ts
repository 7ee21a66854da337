/** Trains, evaluates and draws the repeat-copy task: npx tsx scripts/train-repeat.ts --help */
import { main } from './command/main.js';

await main('repeat-copy', 'scripts/train-repeat.ts');
