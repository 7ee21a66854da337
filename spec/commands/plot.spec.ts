/** `ntm plot` from files alone, and what training draws beside. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { decode } from 'modern-gif';
import { beforeAll, describe, expect, it } from 'vitest';
import { command, type Finished, freshFolder } from '../support/command.js';

const TINY = [
  '--bits',
  '2',
  '--max-length',
  '3',
  '--hidden',
  '12',
  '--memory',
  '6x4',
  '--batch',
  '2',
  '--iterations',
  '250',
  '--workers',
  '1',
  '--backend',
  'webasm',
  '--sequences',
  '2',
  '--no-until-solved',
  '--length',
  '2,3',
];
const SHIPPED = resolve('trained-models/copy.safetensors');

let folder = '';
let trained: Finished;

const plot = (...words: readonly string[]): Promise<Finished> => command('ntm.ts', ['plot', ...words], folder);

const refused = async (code: number, message: RegExp, ...words: readonly string[]): Promise<void> => {
  const finished = await plot(...words);
  expect(finished.err.trim().split('\n')).toHaveLength(1);
  expect(finished.err.trim()).toMatch(message);
  expect(finished.code).toBe(code);
};

beforeAll(async () => {
  folder = freshFolder();
  trained = await command('ntm.ts', ['train', 'copy', ...TINY, '--out', 'run', '--gif'], folder);
});

describe('training', () => {
  it('leaves curves, results, and an animation of as many pictures as it has moments', () => {
    expect(trained).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, 'run'))).toEqual(
      expect.arrayContaining([
        'loss.png',
        'learning.gif',
        'evaluation.jsonl',
        'copy-3.png',
        'copy-3-heads.png',
        'copy-3-memory.png',
        'copy-3-stages.png',
      ]),
    );
    const { frames, width, height } = decode(Uint8Array.from(readFileSync(join(folder, 'run/learning.gif'))));
    expect(frames.length).toBeGreaterThanOrEqual(2);
    expect([width, height > 200]).toEqual([642, true]);
  });

  it('puts its pictures into the events', () => {
    const events = readFileSync(join(folder, 'run/events.out.tfevents.ntm'), 'latin1');
    for (const name of ['answer/3', 'heads/3', 'memory/3', 'stages/3']) expect(events).toContain(name);
  });

  it('with the animation is the same as without', async () => {
    const other = freshFolder();
    expect(await command('ntm.ts', ['train', 'copy', ...TINY, '--no-pictures', '--out', 'run'], other)).toMatchObject({ code: 0 });
    const losses = (from: string): unknown[] =>
      readFileSync(join(from, 'run/metrics.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { loss: number }).loss);
    expect(losses(folder)).toEqual(losses(other));
  });
});

describe('a run', () => {
  it('is drawn into its folder: learning, and wrong bits against length', async () => {
    expect(await plot('run')).toMatchObject({ code: 0, err: '' });
    for (const name of ['learning.svg', 'learning.png', 'wrong-bits.svg', 'wrong-bits.png'])
      expect(existsSync(join(folder, 'run', name))).toBe(true);
    const svg = readFileSync(join(folder, 'run/wrong-bits.svg'), 'utf8');
    expect(svg).toMatch(/length/);
    expect(
      svg.match(/@font-face\{font-family:'Source Sans 3';font-weight:[46]00;src:url\(data:font\/woff2;base64,/g),
    ).toHaveLength(4);
  });

  it('is drawn as far as its files are whole', async () => {
    for (const name of ['torn', 'begun']) mkdirSync(join(folder, name));
    copyFileSync(join(folder, 'run/metrics.jsonl'), join(folder, 'torn/metrics.jsonl'));
    truncateSync(join(folder, 'torn/metrics.jsonl'), readFileSync(join(folder, 'torn/metrics.jsonl')).length - 20);
    writeFileSync(
      join(folder, 'torn/evaluation.jsonl'),
      '{"task":"copy","cell":{"length":2},"sequences":2,"wrongMean":1,"wrong95":2}\n{"task":"copy","ce',
    );
    expect(await plot('torn', '--format', 'svg')).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(join(folder, 'torn')).sort()).toEqual([
      'evaluation.jsonl',
      'learning.svg',
      'metrics.jsonl',
      'wrong-bits.svg',
    ]);
    appendFileSync(join(folder, 'begun/metrics.jsonl'), '{"step": 1');
    await refused(1, /^begun: no whole line of metrics\.jsonl or evaluation\.jsonl in it: name a run's folder/, 'begun');
  });

  it('with others is one figure of median and range', async () => {
    mkdirSync(join(folder, 'second'));
    copyFileSync(join(folder, 'run/metrics.jsonl'), join(folder, 'second/metrics.jsonl'));
    expect(await plot('run', 'second', '--out', 'both', '--format', 'svg', '--json')).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'both/learning.svg'), 'utf8')).toContain('median of 2 runs');
  });
});

describe('a model', () => {
  it('is drawn on a sequence of any size, in either scheme and width, from any step, head by head', async () => {
    const finished = await plot(
      SHIPPED,
      '--length',
      '5',
      '--scheme',
      'dark',
      '--width',
      '170',
      '--step',
      '2',
      '--head',
      'write',
      '--seed',
      '3',
      '--format',
      'svg',
      '--out',
      'model',
    );
    expect(finished).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, 'model')).sort()).toEqual([
      'copy-5-heads.svg',
      'copy-5-memory.svg',
      'copy-5-stages.svg',
      'copy-5.svg',
    ]);
    const stages = readFileSync(join(folder, 'model/copy-5-stages.svg'), 'utf8');
    expect(stages).toMatch(/width="643"[^]*write head at step 2/);
    expect(stages).not.toContain('read head');
  });

  it('without memory is its answer alone', async () => {
    expect(
      await command(
        'ntm.ts',
        [
          'train',
          'copy',
          '--bits',
          '2',
          '--max-length',
          '3',
          '--hidden',
          '12',
          '--controller',
          'none',
          '--batch',
          '2',
          '--iterations',
          '3',
          '--no-until-solved',
          '--sequences',
          '2',
          '--backend',
          'webasm',
          '--workers',
          '1',
          '--no-pictures',
          '--model',
          'none.safetensors',
          '--out',
          'none',
        ],
        folder,
      ),
    ).toMatchObject({ code: 0 });
    expect(await plot('none.safetensors', '--format', 'svg', '--length', '4', '--out', 'none-drawn')).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, 'none-drawn'))).toEqual(['none-4.svg']);
    await refused(2, /^--head: the model of none\.safetensors has no memory$/, 'none.safetensors', '--head', 'read');
  });
});

describe('a mistake is one line', () => {
  it.each([
    [2, /^ntm plot wants a run’s folder or a model/, []],
    [2, /^nowhere: no such file or folder: name a run's folder/, ['nowhere']],
    [1, /^run\/loss\.png: .*not a safetensors file/, ['run/loss.png']],
    [2, /^--width wants millimetres from 50 to 500, got "3"$/, ['run', '--width', '3']],
    [2, /^--scheme wants light or dark, got "pink"$/, ['run', '--scheme', 'pink']],
    [2, /^--format wants svg, png or both, got "pdf"$/, ['run', '--format', 'pdf']],
    [2, /^--head wants heads separated by commas.*got "nose"$/, [SHIPPED, '--head', 'nose']],
    [2, /^--length wants an integer from 1/, [SHIPPED, '--length', '0']],
    [2, /'--colour'; plot --help lists the options$/, ['run', '--colour', 'red']],
  ] as const)('%i %s', async (code, message, words) => refused(code, message, ...words));

  it.each([
    [/^--head read2: the model has 1 read head$/, ['--head', 'read2']],
    [/^--step 900: the sequence has \d+ steps$/, ['--step', '900']],
    [/^--repeats is not a size of this task/, ['--repeats', '2']],
  ] as const)('of a model: %s', async (message, words) => refused(2, message, 'models/copy.safetensors', ...words));
});
