/** The command with any task: the built-in ones, one's own, recorded sequences, and mistakes in them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { command, type Finished, freshFolder } from '../support/command.js';

const TINY = ['--hidden', '12', '--memory', '6x4', '--batch', '2', '--iterations', '3', '--workers', '1', '--backend', 'webasm', '--sequences', '2', '--no-until-solved', '--out', 'run'];
/** Drawing takes longer than all else; the built-in tasks’ runs are drawn. */
const BARE = [...TINY, '--no-pictures'];
const EXAMPLES = resolve('examples');

const ntm = (words: readonly string[], folder: string): Promise<Finished> => command('ntm.ts', words, folder);

const oneLine = ({ err }: Finished): string => {
  expect(err.trim().split('\n')).toHaveLength(1);
  return err.trim();
};

const stateIn = (path: string): { readonly step: number } => {
  const file = decodeSafetensors(new Uint8Array(readFileSync(path)));
  if (file._tag === 'Left') throw new Error(file.left);
  return JSON.parse(file.right.metadata.state!) as { step: number };
};

interface Line {
  readonly event: string;
}

const eventsOf = ({ out }: Finished, event: string): readonly Line[] => out.trim().split('\n').map((line) => JSON.parse(line) as Line).filter((line) => line.event === event);

describe.concurrent('ntm train', () => {
  it.each([
    ['copy', ['--bits', '2', '--max-length', '3', '--length', '2,3'], [{ length: 2 }, { length: 3 }], ['copy-3.png', 'copy-15-heads.png']],
    ['repeat', ['--bits', '2', '--max-length', '2', '--max-repeats', '2', '--length', '2', '--repeats', '1,3'], [{ length: 2, repeats: 1 }, { length: 2, repeats: 3 }], ['repeat-copy-2x2.png']],
    ['recall', ['--bits', '2', '--rows', '2', '--max-items', '3', '--items', '4'], [{ items: 4 }], ['recall-3.png', 'recall-6.png']],
    ['ngrams', ['--order', '3', '--min-length', '9', '--max-length', '9'], [{ length: 9 }], ['ngrams-9.png']],
    ['sort', ['--bits', '2', '--min-length', '4', '--max-length', '4', '--answers', '2'], [{ length: 4 }], ['sort-4.png']],
  ])('%s', async (task, options, cells, pictures) => {
    const folder = freshFolder();
    const finished = await ntm(['train', task, ...TINY, ...options, '--json'], folder);
    expect(finished).toMatchObject({ code: 0 });
    expect(eventsOf(finished, 'evaluation')).toMatchObject(cells);
    expect(readdirSync(join(folder, 'run'))).toEqual(expect.arrayContaining(pictures));
    expect(stateIn(join(folder, 'models', `${task}.safetensors`))).toMatchObject({ step: 3 });
    const judged = await ntm(['eval', '--model', `models/${task}.safetensors`, '--sequences', '2', '--no-pictures', '--json', '--out', 'again'], folder);
    expect(judged).toMatchObject({ code: 0 });
    expect(eventsOf(judged, 'evaluation').length).toBeGreaterThan(0);
  });

  it.each(['reverse.ts', 'addition.ts', 'echo.jsonl'])('examples/%s: trains, goes on, is evaluated', { timeout: 240_000 }, async (example) => {
    const folder = freshFolder();
    const path = join(EXAMPLES, example);
    const model = `models/${example.split('.')[0]!}.safetensors`;
    expect(await ntm(['train', path, ...BARE], folder)).toMatchObject({ code: 0 });
    expect(await ntm(['train', path, '--resume', '--iterations', '5', '--sequences', '2', '--no-pictures', '--out', 'run'], folder)).toMatchObject({ code: 0 });
    expect(stateIn(join(folder, model))).toMatchObject({ step: 5 });
    expect(await ntm(['eval', path, '--sequences', '2', '--no-pictures', '--out', 'run'], folder)).toMatchObject({ code: 0 });
    const unnamed = await ntm(['eval', '--model', model], folder);
    expect(unnamed.code).toBe(2);
    expect(oneLine(unnamed)).toMatch(/a task of its own, \w+: name its file, ntm eval FILE --model/);
    const other = await ntm(['eval', 'copy', '--model', model], folder);
    expect(oneLine(other)).toMatch(/trained on the \w+ task: use npx tsx scripts\/ntm\.ts eval FILE/);
  });

  it('sequences recorded as tensors, of which --held-out and --split-seed hold some out', async () => {
    const folder = freshFolder();
    const [count, steps] = [8, 3];
    const bits = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i % 2);
    const tensors = new Map([
      ['input', { shape: [count, steps, 2], data: bits(count * steps * 2) }],
      ['target', { shape: [count, steps, 1], data: bits(count * steps) }],
      ['mask', { shape: [count, steps], data: new Float32Array(count * steps).fill(1) }],
    ]);
    writeFileSync(join(folder, 'mine.safetensors'), encodeSafetensors({ metadata: {}, tensors }));
    const finished = await ntm(['train', 'mine.safetensors', ...BARE, '--held-out', '0.5', '--split-seed', '7', '--json'], folder);
    expect(finished).toMatchObject({ code: 0 });
    expect(eventsOf(finished, 'settings')).toMatchObject([{ task: 'mine.safetensors', options: { heldOut: 0.5, splitSeed: 7 } }]);
    const resumed = await ntm(['train', 'mine.safetensors', '--resume', '--split-seed', '8'], folder);
    expect(resumed.code).toBe(2);
    expect(oneLine(resumed)).toMatch(/--split-seed 8 cannot change on --resume: .* was trained with 7/);
  });
});

const MISTAKES: ReadonlyArray<readonly [string, string, RegExp]> = [
  ['no-export.ts', 'export const task = 1;', /^no-export\.ts: it has no default export/],
  ['syntax.ts', 'export default {', /^syntax\.ts: /],
  ['throws.ts', 'throw new Error("no such thing");', /^throws\.ts: no such thing$/],
  ['channels.mjs', 'export default { name: "c", inputs: 2, outputs: 1, cells: { length: [1, 3] }, sequence: () => ({ input: [[1]], answer: [[1]] }) };', /^channels\.mjs: task c, cell 1: sequence 0: input row 0 has 1 channels instead of 2$/],
  ['twice.mjs', 'export default { name: "t", inputs: 1, outputs: 1, cells: { batch: [1, 3] }, sequence: () => ({ input: [[1]], answer: [[1]] }) };', /^task t: there are two options --batch: call its option or size otherwise$/],
  ['words.jsonl', '{"input": [[1]], "answer": [[1]]}\nnothing', /^words\.jsonl: line 2: it is not JSON$/],
  ['masks.jsonl', '{"input": [[1]], "target": [[1]], "mask": [1]}\n{"input": [[1]], "target": [[1]], "mask": [0]}', /^masks\.jsonl: line 2: its mask is 1 at no step/],
  ['tensors.safetensors', 'nothing of the kind', /^tensors\.safetensors: /],
];

describe.concurrent('a mistake is one line that names what and where', () => {
  it.each(MISTAKES)('%s', async (name, text, message) => {
    const folder = freshFolder();
    writeFileSync(join(folder, name), text);
    const finished = await ntm(['train', name, ...TINY], folder);
    expect([1, 2]).toContain(finished.code);
    expect(oneLine(finished)).toMatch(message);
    expect(existsSync(join(folder, 'models'))).toBe(false);
  });

  it.each([
    [['train'], /^ntm train wants a task/],
    [['train', 'reverse'], /^no task is named "reverse"; there are copy, .*; one of your own is a module/],
    [['train', 'nowhere.ts'], /^nowhere\.ts: no such file/],
    [['eval'], /^which task\?/],
    [['learn', 'copy'], /^no command "learn"; there are train, eval, plot, sweep, reproduce, report, infer, backends and complete/],
    [['train', 'recall', '--items', '1'], /^--items wants integers of at least 2, got 1$/],
    [['train', 'recall', '--length', '1'], /--length.*--help/],
    [['train', 'copy', '--min-length', '30'], /^--min-length 30 is above --max-length 20/],
  ])('%j', async (words, message) => {
    const finished = await ntm(words, freshFolder());
    expect([1, 2]).toContain(finished.code);
    expect(oneLine(finished)).toMatch(message);
  });
});

describe('ntm eval', () => {
  it('uses more slots than were trained with, and not fewer', async () => {
    const folder = freshFolder();
    const finished = await ntm(['eval', 'copy', '--memory', '200x20', '--length', '20', '--sequences', '10', '--no-pictures', '--out', 'run', '--json'], folder);
    expect(finished).toMatchObject({ code: 0 });
    expect(eventsOf(finished, 'evaluation')).toMatchObject([{ length: 20, perfect: 1 }]);
    expect(oneLine(await ntm(['eval', 'copy', '--memory', '64x20', '--json'], folder).then(({ err, ...rest }) => ({ ...rest, err: err.trim().split('\n').at(-1)! })))).toMatch(/^--memory 64x20: this model was trained with 128 slots/);
  });
});

it('says what there is', async () => {
  const folder = freshFolder();
  expect((await ntm(['--help'], folder)).out).toMatch(/train TASK.*\n.*eval \[TASK\]/);
  const recall = (await ntm(['train', 'recall', '--help'], folder)).out;
  expect(recall).toMatch(/Task:[^]*--bits N .*\(6\)[^]*--items LIST [^]*Model:[^]*--hidden N .*\(128\)[^]*Training:[^]*Files and output:[^]*Machine:/);
  expect((await ntm(['train', 'recall', '--controller', 'lstm', '--help'], folder)).out).toMatch(/--hidden N .*\(100\)/);
  expect((await ntm(['eval', 'copy', '--help'], folder)).out).toMatch(/eval copy \[options\]\nEvaluates/);
});
