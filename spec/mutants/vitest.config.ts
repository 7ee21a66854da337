/** The specs over the library in which NTM_MUTANT, a mutant as JSON, has changed one module. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';
import { mutated, type Mutant } from './mutate.js';

const mutant = JSON.parse(process.env.NTM_MUTANT!) as Mutant;

export default mergeConfig(base, {
  root: resolve('.'),
  plugins: [{ name: 'mutant', enforce: 'pre', load: (id: string) => (id === resolve(mutant.file) ? mutated(readFileSync(id, 'utf8'), mutant) : null) }],
  test: { bail: 1 },
});
