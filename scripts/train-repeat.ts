/** Trains, evaluates and draws the repeat-copy task: npx tsx scripts/train-repeat.ts --help */
import { supervise } from './run/supervise.js';

supervise('repeat-copy', 'scripts/train-repeat.ts');
