/** A command whose wrapper is gone before it looks must see that: else it trains on with nobody to end it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const LOOK = `const { watchAncestors } = await import('./scripts/run/ancestors.ts');
let gone = false;
watchAncestors(() => { gone = true; });
console.log(gone);`;

/** Whether a process that tsx started, by a line of npm's, takes npm, which is not there, for ended. */
const seesItGone = async (npmLine: string): Promise<boolean> => {
  const { stdout } = await promisify(execFile)('node_modules/.bin/tsx', ['--input-type=module', '-e', LOOK], { env: { ...process.env, npm_lifecycle_script: npmLine } });
  return stdout.trim() === 'true';
};

describe.runIf(process.platform === 'linux')('npm that has ended before the command could look', () => {
  it.each(["'tsx'", '"tsx"', 'tsx', 'tsx scripts/train-copy.ts'])('is missed where npm started %s', async (line) => {
    expect(await seesItGone(line)).toBe(true);
  });

  it.each(['', 'vitest run', 'tsxx'])('is not looked for where npm started %j', async (line) => {
    expect(await seesItGone(line)).toBe(false);
  });
});
