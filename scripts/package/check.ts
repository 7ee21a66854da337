/** Packs the package, and fails with what publint, arethetypeswrong and its limits of size find: npm run package:check [-- FOLDER] */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS, pack } from './pack.js';

const { tarball, kilobytes, findings } = await pack(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'ntm-package-')));
process.stdout.write(`${tarball}\n${Object.entries(kilobytes).map(([what, size]) => `${what}: ${size.toFixed(0)} kB of at most ${LIMITS[what as keyof typeof LIMITS]}\n`).join('')}`);
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
