/** Trains, evaluates and draws the copy task: npx tsx scripts/train-copy.ts --help */
import { supervise } from './run/supervise.js';

supervise('copy', 'scripts/train-copy.ts');
