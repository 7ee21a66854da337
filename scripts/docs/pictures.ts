/**
 * Draws the pictures of docs/guide.md anew, by its own commands: npm run docs:pictures
 *
 * A picture is drawn by the last `plot` above it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const guide = readFileSync('docs/guide.md', 'utf8');
const [, ...parts] = guide.split(/^npx tsx (?=scripts\/ntm\.ts plot )/m);
for (const part of parts) {
  const [line = ''] = part.split('\n');
  const folder = mkdtempSync(join(tmpdir(), 'ntm-pictures-'));
  execFileSync(process.execPath, ['--import', 'tsx', ...line.split(' '), '--format', 'png', '--out', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const [, name] of part.matchAll(/src="([\w-]+\.png)"/g)) {
    if (!existsSync(join(folder, name!))) continue;
    copyFileSync(join(folder, name!), join('docs', name!));
    console.log(`docs/${name}`);
  }
  rmSync(folder, { recursive: true });
}
