/** Every command in the documents: it exists, and where it is this project's own it runs, with less to do. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INFER_HELP } from '../../scripts/command/infer.js';
import { OPTIONS, ownOptions } from '../../scripts/command/option-table.js';
import { PLOT_HELP } from '../../scripts/command/plot-options.js';
import { encodeSafetensors } from '../../src/io/safetensors.js';
import { builtIn } from '../../src/tasks/index.js';
import { command, freshFolder } from '../support/command.js';
import { blocksOf, DOCUMENTS, nameOf, proseOf } from './markdown.js';

const PATIENCE = 600_000;

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };

interface Line {
  readonly at: string;
  readonly words: readonly string[];
}

const lines: readonly Line[] = DOCUMENTS.flatMap(blocksOf)
  .filter(({ language }) => language === 'sh')
  .flatMap((block) =>
    block.code.split(/\n|&&/).map((line) => ({
      at: nameOf(block),
      words: line
        .replace(/(^| )#.*/, '')
        .trim()
        .replace(/^(?:NTM_\w+=\S+ )+/, '')
        .split(/\s+/),
    })),
  )
  .filter(({ words }) => words[0] !== '');

/** What npm does by itself. */
const OF_NPM = ['ci', 'install', 'pack'];

const npmFault = ([verb = '', name = '']: readonly string[]): string | null => {
  if (OF_NPM.includes(verb)) return null;
  const script = verb === 'run' ? name : verb;
  return Object.hasOwn(scripts, script) ? null : `package.json has no script ${script}`;
};

const npxFault = ([name = '', path = '']: readonly string[]): string | null => {
  if (!existsSync(join('node_modules/.bin', name))) return `${name} is not installed`;
  return name === 'tsx' && !existsSync(path) ? `there is no ${path}` : null;
};

const faultOf = ([program, ...rest]: readonly string[]): string | null => {
  if (program === 'npm') return npmFault(rest);
  return program === 'npx' ? npxFault(rest) : `${program} is not looked at by this spec`;
};

it.each(lines.map(({ at, words }) => [at, words.join(' '), words] as const))('%s: %s', (_, __, words) =>
  expect(faultOf(words)).toBeNull(),
);

const SMALL = [
  '--hidden',
  '12',
  '--memory',
  '40x4',
  '--batch',
  '2',
  '--iterations',
  '3',
  '--workers',
  '1',
  '--backend',
  'webasm',
  '--sequences',
  '2',
  '--no-until-solved',
  '--no-pictures',
  '--out',
  'run',
];

const EVALUATED = ['--sequences', '2', '--no-pictures'];

/** What makes a command cheap; null for those that are not run. */
const lessOf = (script: string, [name = '', ...rest]: readonly string[]): readonly string[] | null => {
  if (['train-copy.ts', 'train-repeat.ts'].includes(script))
    return [name, ...rest].includes('--eval') ? EVALUATED : SMALL;
  if (script !== 'ntm.ts') return null;
  if (rest.includes('--help') || name === '--help') return [];
  const less: Readonly<Record<string, readonly string[]>> = {
    train: SMALL,
    eval: EVALUATED,
    plot: ['--format', 'svg', '--out', 'plot'],
    infer: [],
  };
  return less[name] ?? null;
};

const own = lines.flatMap(({ at, words: [, , path = '', ...options] }) => {
  const less = lessOf(basename(path), options);
  return less === null ? [] : [[at, basename(path), [...options.filter((word) => word !== ''), ...less]] as const];
});

/** A folder that has what a clone has, and what the documents ask for. */
const clone = (): string => {
  const folder = freshFolder();
  for (const name of ['examples', 'trained-models']) symlinkSync(resolve(name), join(folder, name));
  const input = { shape: [3, 2, 9], data: new Float32Array(54) };
  writeFileSync(join(folder, 'X.safetensors'), encodeSafetensors({ metadata: {}, tensors: new Map([['input', input]]) }));
  return folder;
};

describe('runs', () => {
  const distinct = [...new Map(own.map((each) => [JSON.stringify(each.slice(1)), each])).values()];
  it.each(distinct)('%s: %s %j', { timeout: PATIENCE }, async (_, script, options) => {
    expect(await command(script, options, clone())).toMatchObject({ code: 0 });
  });
});

/** Of recorded sequences, which no built-in task has. */
const OF_RECORDINGS = ['--held-out', '--split-seed'];

const KNOWN = new Set([
  ...Object.entries(OPTIONS).flatMap(([name, { kind }]) => (kind === 'flag' ? [`--${name}`, `--no-${name}`] : [`--${name}`])),
  ...Object.values(builtIn).flatMap((task) => Object.keys(ownOptions(task)).map((name) => `--${name}`)),
  ...`${PLOT_HELP} ${INFER_HELP}`.match(/--[a-z][a-z-]*/g)!,
  ...OF_RECORDINGS,
]);

describe.each(['README.md', 'docs/guide.md', 'docs/runs.md', 'docs/training.md', 'docs/options.md', 'examples/README.md'])(
  '%s',
  (file) => {
    const code = [...proseOf(file).matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

    it('names options that there are', () => {
      const named = code
        .filter((text) => !/^(npm|npx) run/.test(text))
        .flatMap((text) => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []);
      expect(named.filter((option) => !KNOWN.has(option))).toEqual([]);
    });

    it('names scripts that there are', () => {
      const named = code.flatMap((text) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
      expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    });
  },
);
