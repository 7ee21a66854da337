/** Packs the package, and fails with what publint, arethetypeswrong and its limits of size find: npm run package:check [-- FOLDER] */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './pack.js';

const { tarball, sizes, findings } = await pack(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'ntm-package-')));
process.stdout.write(`${tarball}\n${sizes}\n`);
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
