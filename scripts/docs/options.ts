/** Writes docs/options.md: npm run docs:options */
import { writeFileSync } from 'node:fs';
import { optionsPage } from './options-page.js';

writeFileSync(new URL('../../docs/options.md', import.meta.url), optionsPage());
