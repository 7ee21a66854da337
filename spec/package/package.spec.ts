/** The package from outside: packed, looked over, installed into projects of others, and used there. */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import type { Finished } from '../support/command.js';
import { trainInPage } from './page.js';
import { freshFolder, openProject, type Project, run } from './project.js';

const PATIENCE = 600_000;

let checked: Finished;
let project: Project;
const folder = freshFolder();
beforeAll(async () => {
  checked = await run('npm', ['run', '--silent', 'package:check', '--', folder], '.');
  project = await openProject(checked.out.split('\n')[0]!);
}, PATIENCE);
afterAll(() => [folder, project.folder].forEach((each) => rmSync(each, { recursive: true, force: true })));

it('is as publint, arethetypeswrong and its limits want it', () => expect(checked).toMatchObject({ code: 0, err: '' }));

it('installs in silence, without building anything, and brings little', () => {
  expect(project.installed).toMatchObject({ code: 0, err: '' });
  const modules = readdirSync(join(project.folder, 'node_modules'));
  expect(modules).toContain('ntm-gpu');
  expect(project.installed.out).toMatch(/^\s*added 11 packages in \d+m?s\s*$/);
  expect(modules.filter((name) => !name.startsWith('.')).sort()).toEqual(['@bomb.sh', '@resvg', 'acorn', 'fp-ts', 'io-ts', 'ntm-gpu', 'p-limit', 'picocolors', 'pure-rand', 'yaml', 'yocto-queue']);
});

it('keeps source maps whose sources it has, and the licences of what it brings along', () => {
  const root = join(project.folder, 'node_modules/ntm-gpu');
  for (const path of ['dist/src/index.js.map', 'src/index.ts', 'dist/vendor/LICENCES', 'LICENSE', 'CHANGELOG.md']) expect(existsSync(join(root, path)), path).toBe(true);
});

const SMALL = `{ bits: 3, maxLength: 4 }`;
const SIZES = 'hidden: 16, slots: 8, width: 4, batch: 2';
const USE = `
const ntm = await createNtm({ task: tasks.copy(${SMALL}), seed: 1, ${SIZES} });
await ntm.train({ until: { iterations: 20 } });
const again = await loadNtm(await ntm.save());
const { output } = await again.run([[1, 0, 1, 0], [0, 0, 0, 1]], { answers: 1 });
console.log(output.length, again.progress.iterations);
await ntm.dispose();
await again.dispose();
`;

it('runs as an ES module', async () => {
  project.write('use.mjs', `import { createNtm, loadNtm, tasks } from 'ntm-gpu';${USE}`);
  expect(await project.node('use.mjs')).toEqual({ code: 0, out: '1 20\n', err: '' });
});

it('is required by CommonJS, all its entries', async () => {
  project.write('use.cjs', `const { createNtm, loadNtm, tasks } = require('ntm-gpu');\nconst { recordTraining } = require('ntm-gpu/core');\nconst { threads } = require('ntm-gpu/node');\nif (!recordTraining || !threads) throw new Error();\n(async () => {${USE}})();`);
  const { code, out, err } = await project.node('use.cjs');
  expect({ code, out }).toEqual({ code: 0, out: '1 20\n' });
  expect(err).toMatch(/^$|ExperimentalWarning: .*require/);
});

describe.each([
  ['nodenext', { module: 'nodenext', target: 'es2022' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler', target: 'es2022' }],
])('TypeScript, %s', (name, options) => {
  it('knows the types, and says what is wrong', async () => {
    project.write(`${name}/package.json`, '{ "type": "module" }');
    project.write(`${name}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...options, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, lib: ['es2023', 'dom'], types: [] }, files: ['use.ts', 'wrong.ts'] }));
    project.write(`${name}/use.ts`, `
import { type Answered, createNtm, type Ntm, NtmError, type Step, tasks } from 'ntm-gpu';
import { seededRng } from 'ntm-gpu/core';
const ntm: Ntm = await createNtm({ task: tasks.sort({ bits: 4 }), controller: 'gru', seed: 1 });
await ntm.train({ until: { sequences: 10 }, onProgress: ({ wrongBits }) => wrongBits.toFixed() });
const one: Answered = await ntm.run([[1, 0]]);
const many: readonly Answered[] = await ntm.run([[[1, 0]]]);
const gate: number | undefined = (await (await ntm.steps([[1]])).step({ 0: { g: 1 } })).heads[0]?.g;
export const all: readonly unknown[] = [one, many, gate, NtmError, seededRng(1), undefined as Step | undefined];
`);
    project.write(`${name}/wrong.ts`, `import { createNtm, tasks } from 'ntm-gpu';
await createNtm({ task: tasks.copy({ bit: 3 }), controller: 'lstm' });
await createNtm({ task: tasks.copy(), controller: 'lstn' });
const { output } = await (await createNtm({ task: tasks.copy() })).run([[[1]]]);
export { output };`);
    const { out } = await project.tsc('-p', name);
    expect(out.match(/^\S+\.ts\(\d+,/gm)).toEqual([2, 3, 4].map((line) => `${name}/wrong.ts(${line},`));
  });
});

it('trains copy to solved, evaluates, saves, loads and runs, in the fifteen lines of the example', { timeout: PATIENCE }, async () => {
  copyFileSync(resolve('examples/library.ts'), join(project.folder, 'library.mjs'));
  const { code, out, err } = await project.node('library.mjs');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/length 100: \d+% entirely right\n1 0 1 1 0 0 1 0\n0 1 1 0 1 0 0 1\n$/);
});

describe('the command', () => {
  const TINY = ['--hidden', '16', '--memory', '8x4', '--bits', '3', '--max-length', '4', '--batch', '2', '--length', '2', '--sequences', '4', '--no-until-solved', '--model', 'm.safetensors'];

  it('trains, goes on, evaluates and infers, in plain Node', { timeout: PATIENCE }, async () => {
    const begun = await project.ntm('train', 'copy', ...TINY, '--iterations', '20', '--out', 'run');
    expect(begun).toMatchObject({ code: 0, err: '' });
    expect(await project.ntm('train', 'copy', ...TINY, '--iterations', '40', '--resume', '--out', 'run', '--workers', '1')).toMatchObject({ code: 0 });
    const evaluated = await project.ntm('eval', 'copy', '--model', 'm.safetensors', '--length', '3', '--sequences', '5', '--out', 'evaluated');
    expect(evaluated.out).toMatch(/perfect/);
    const plotted = await project.ntm('plot', 'run', '--format', 'both', '--out', 'drawn');
    expect(plotted).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/learning\.svg, .*learning\.png/) });
    expect((await project.ntm('infer', '--help')).out).toMatch(/^ntm infer --model/);
    expect((await project.ntm('--help')).out).toMatch(/^ntm COMMAND/);
  });

  it('evaluates the models that come with the package', { timeout: PATIENCE }, async () => {
    const { code, out } = await project.ntm('eval', 'copy', '--length', '20', '--sequences', '5', '--out', 'shipped');
    expect(code).toBe(0);
    expect(out).toMatch(/evaluating the shipped .*trained-models\/copy\.safetensors/);
  });

  it('trains on a task of one’s own, in TypeScript where Node reads that', { timeout: PATIENCE }, async () => {
    const task = (type: string): string => `const next${type} = ({ length }, { integer }) => ({ input: [[1]], answer: Array.from({ length }, () => [integer(1, 1)]) });
export default { name: 'ones', inputs: 1, outputs: 1, cells: { length: [1, 2] }, sequence: next };`;
    project.write('ones.mjs', task(''));
    project.write('ones.ts', task(': any'));
    const options = ['--hidden', '8', '--memory', '8x4', '--iterations', '3', '--sequences', '2', '--no-until-solved', '--out', 'ones'];
    expect(await project.ntm('train', './ones.mjs', ...options)).toMatchObject({ code: 0 });
    const typed = await project.ntm('train', './ones.ts', ...options);
    if ('typescript' in process.features) expect(typed).toMatchObject({ code: 0 });
    else expect(typed).toMatchObject({ code: 1, err: expect.stringMatching(/^\.\/ones\.ts: Node v\S+ does not read TypeScript there: use Node 22\.18 .*\.mjs\n$/) });
  });

  it('says what headless OpenGL takes', async () => {
    const { code, err } = await project.ntm('train', 'copy', ...TINY, '--iterations', '1', '--backend', 'headlessgl');
    expect(code).toBe(1);
    expect(err).toMatch(/npm install gl@9/);
  });
});

it.skipIf(!chromium)(`trains copy to solved in the worker of a page that Vite built${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, { timeout: PATIENCE }, async () => {
  const { solved, sequences, output } = await trainInPage(project, chromium!);
  expect(solved).toBe(true);
  expect(sequences).toBeGreaterThan(1000);
  expect(output).toEqual(['10110010', '01101001']);
});
