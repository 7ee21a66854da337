/** Applies a model to one's own sequences, as `ntm infer` does: npx tsx scripts/infer.ts --help */
import { inferMain } from './command/infer.js';

await inferMain(process.argv.slice(2));
