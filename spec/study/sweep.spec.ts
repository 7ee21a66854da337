/** `ntm sweep` and `ntm report` from outside: a study that was killed comes to what an undisturbed one comes to. */
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { allGone, processesWith, startCommand } from '../soak/processes.js';
import { command, type Finished, freshFolder } from '../support/command.js';

// Dozens of processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 600_000 });

const TINY = ['--hidden', '8', '--memory', '8x4', '--bits', '1', '--max-length', '2', '--batch', '2', '--backend', 'webasm', '--length', '2', '--sequences', '4', '--save-every', '0.2'];
const STUDY = ['sweep', 'copy', '--seeds', '1..2', '--set', 'learningRate=4e-3,8e-3', '--out', 'study', '--jobs', '2'];

const ntm = (folder: string, ...words: readonly string[]): Promise<Finished> => command('ntm.ts', words, folder);

type Reported = Readonly<Record<string, unknown>> & { readonly settings: Readonly<Record<string, unknown>>; readonly outcome: string };

const report = async (folder: string, ...studies: readonly string[]): Promise<readonly Reported[]> => {
  const { code, out, err } = await ntm(folder, 'report', ...studies, '--json');
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as readonly Reported[];
};

/** Times differ from run to run. */
const timeless = (runs: readonly Reported[]): unknown =>
  runs.map(({ solved_after: solved, ...rest }) => ({ ...rest, seconds: null, ...(solved !== undefined && { solved: (solved as { sequences: number }).sequences }) }));

const modelsIn = (study: string): Readonly<Record<string, Buffer>> =>
  Object.fromEntries(readdirSync(study).map((name) => [name, readFileSync(join(study, name, 'model.safetensors'))]));

const random = (from: number, to: number): number => from + Math.random() * (to - from);

/** The runs of a study that have been saved and have not ended. */
const underWay = (study: string): readonly string[] =>
  (existsSync(study) ? readdirSync(study) : []).filter(
    (name) => existsSync(join(study, name, 'model.safetensors')) && readFileSync(join(study, name, 'run.json'), 'utf8').includes('"unfinished"'),
  );

/**
 * Starts the study, and kills it some milliseconds after runs other than `before` have been saved: its own
 * process, which its runs see and save, or all at once. The runs that were under way.
 */
const killed = async (folder: string, words: readonly string[], what: 'its own process' | 'all processes', after: number, before: readonly string[] = []): Promise<readonly string[]> => {
  const mark = `study-${Math.random()}`;
  const started = startCommand('node', 'ntm.ts', words, folder, mark);
  const study = join(folder, 'study');
  while (underWay(study).every((name) => before.includes(name))) await wait(20);
  await wait(after);
  const all = processesWith(mark);
  const victims = what === 'all processes' ? all : all.filter((each) => each.words.includes('ntm.ts'));
  expect(victims.length).toBeGreaterThan(0);
  victims.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
  await started.ended;
  expect(await allGone(mark, 30)).toBe(true);
  return underWay(study);
};

describe('a study that is killed twice and goes on', () => {
  it('has the numbers of an undisturbed one', async () => {
    const [calm, disturbed] = [freshFolder(), freshFolder()];
    const words = [...STUDY, '--', ...TINY, '--no-until-solved', '--iterations', '3000'];
    expect(await ntm(calm, ...words)).toMatchObject({ code: 0, err: '' });
    const moments = [random(0, 500), random(0, 500)] as const;
    const first = await killed(disturbed, words, 'its own process', moments[0]);
    const second = await killed(disturbed, words, 'all processes', moments[1], first);
    expect(first.length * second.length, 'runs that were under way').toBeGreaterThan(0);
    const between = await report(disturbed, 'study');
    expect(await ntm(disturbed, ...words)).toMatchObject({ code: 0, err: '' });
    const [expected, found] = [await report(calm, 'study'), await report(disturbed, 'study')];
    expect(expected).toHaveLength(4);
    expect(timeless(found), `killed after ${moments.join(' and ')} ms`).toEqual(timeless(expected));
    expect(modelsIn(join(disturbed, 'study'))).toEqual(modelsIn(join(calm, 'study')));
    const ended = between.filter(({ outcome }) => outcome !== 'unfinished').length;
    console.info(`killed with ${first.length} and ${second.length} runs under way; by then ${ended} had ended`);
  });
});

describe('sweep', () => {
  it('saves all on Ctrl-C, and leaves alone what has ended', async () => {
    const folder = freshFolder();
    const words = [...STUDY, '--', ...TINY, '--no-until-solved', '--iterations', '1000'];
    const mark = `study-${Math.random()}`;
    const started = startCommand('node', 'ntm.ts', words, folder, mark);
    await started.says(' running');
    processesWith(mark).filter((each) => each.words.includes('ntm.ts')).forEach(({ pid }) => process.kill(pid, 'SIGINT'));
    expect(await started.ended).toBe(130);
    expect(started.output()).toMatch(/interrupted: .*\n.*saved; the same command goes on\n$/s);
    const finished = await ntm(folder, ...words);
    expect(finished).toMatchObject({ code: 0, err: '' });
    expect(await ntm(folder, ...words)).toMatchObject({ code: 0, out: expect.not.stringContaining('running') as string });
  });

  it('says which runs failed and why, and tries them again', async () => {
    const folder = freshFolder();
    const words = ['sweep', 'copy', '--seeds', '1', '--set', 'learningRate=1e6,8e-3', '--set', 'clip=0', '--set', 'stepLimit=0', '--out', 'study', '--', ...TINY, '--max-norm', '0', '--optimizer', 'rmsprop', '--iterations', '300'];
    const finished = await ntm(folder, ...words);
    expect(finished.code).toBe(1);
    expect(finished.err).toBe('1 of 2 runs failed; the same command tries them again\n');
    const line = finished.out.split('\n').find((each) => each.startsWith('failed: '));
    expect(line).toMatch(/^failed: learning-rate-1e6_seed-1_[0-9a-f]{8}: .*step \d+/);
    const runs = await report(folder, 'study');
    expect(runs.map(({ settings, outcome }) => [settings.learningRate, settings.seed, outcome])).toEqual([[0.008, 1, 'not solved'], [1e6, 1, 'failed']]);
    expect(line).toContain(runs[1]!.reason);
    expect((await ntm(folder, 'report', 'study')).out).toContain(`failed: study/`);
  });

  it.each<readonly [readonly string[], RegExp]>([
    [['sweep'], /wants a task or a study/],
    [['sweep', 'copy'], /which seeds\? Give --seeds/],
    [['sweep', 'copi', '--seeds', '1'], /no task is named "copi"/],
    [['sweep', 'copy', '--seeds', '1', '--set', 'lerningRate=1'], /lerning-rate/],
    [['sweep', 'copy', '--seeds', '1', '--set', 'controller=lstm,mamba'], /--controller wants lstm/],
    [['sweep', 'copy', '--seeds', '1', '--set', 'learningRate=4e-3,0.004'], /have the same settings/],
    [['sweep', 'copy', '--seeds', '1', '--', '--seed', '2'], /--seed is not for every run/],
    [['sweep', 'copy', '--seeds', '1', '--', '--model', 'x'], /--model is for the study to decide/],
    [['sweep', 'copy', '--seeds', '1', '--engine', 'condor'], /--engine wants local, parallel, slurm/],
    [['sweep', 'copy', '--seeds', '1', '--jobs', '0'], /--jobs wants an integer from 1/],
    [['sweep', 'missing.yaml'], /missing\.yaml: no such file/],
    [['report'], /wants a study’s folder/],
    [['report', 'missing'], /missing: no such folder/],
    [['report', '.', '--csv', '--json'], /contradict each other/],
  ])('refuses %j in one line', async (words, fault) => {
    const folder = freshFolder();
    const { code, out, err } = await ntm(folder, ...words);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(fault);
    expect(out).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes a study from a file, which the command line adds to, and prints its commands', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'rates.yaml'), 'task: copy\nseeds: 1..2\nset: { learningRate: [4e-3, 8e-3] }\noptions: [--hidden, 8]\n');
    const { code, out } = await ntm(folder, 'sweep', 'rates.yaml', '--seeds', '3', '--set', 'controller=gru', '--print');
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/train copy .*--hidden 8 --learning-rate=[48]e-3 --controller=gru --seed=3 --model=runs\/study-rates\/learning-rate-[48]e-3_seed-3_\w{8}\/model.safetensors --out=\S+ --continue$/);
    expect(readdirSync(folder)).toEqual(['rates.yaml']);
  });
});

it('reports what is torn, half copied, copied twice or still going on', async () => {
  const folder = freshFolder();
  expect((await ntm(folder, 'sweep', 'copy', '--seeds', '1..3', '--out', 'study', '--', ...TINY, '--iterations', '200')).code).toBe(0);
  const names = readdirSync(join(folder, 'study')).sort();
  const whole = await report(folder, 'study');
  cpSync(join(folder, 'study'), join(folder, 'other/machine'), { recursive: true });
  const [one, two, three] = names.map((name) => join(folder, 'other/machine', name)) as [string, string, string];
  truncateSync(join(one, 'run.json'), 100);
  truncateSync(join(two, 'metrics.jsonl'), 30);
  appendFileSync(join(two, 'evaluation.jsonl'), '{"task":"co');
  writeFileSync(join(three, 'run.json'), readFileSync(join(three, 'run.json'), 'utf8').replace('"not solved"', '"unfinished"'));
  mkdirSync(join(folder, 'other/empty'));
  const { code, out, err } = await ntm(folder, 'report', 'other', '--json');
  expect(code).toBe(0);
  expect(err).toMatch(/^other\/machine\/\S+: passed over: its run\.json is missing or not whole\n$/);
  expect((JSON.parse(out) as readonly Reported[]).map(({ settings, outcome }) => [settings.seed, outcome])).toEqual([[2, 'not solved'], [3, 'unfinished']]);
  const both = await ntm(folder, 'report', 'other', 'study', '--json');
  expect(both.err).toMatch(/2 runs are there more than once/);
  expect((JSON.parse(both.out) as readonly Reported[]).map(({ outcome }) => outcome)).toEqual(whole.map(({ outcome }) => outcome));
  const drawn = await ntm(folder, 'report', 'study', '--figure', '--out', 'figures');
  expect(drawn.code).toBe(0);
  expect(drawn.out).toMatch(/^setting +runs +solved/);
  expect(readdirSync(join(folder, 'figures')).sort()).toEqual(['learning-loss.png', 'learning-loss.svg', 'learning-wrong-bits.png', 'learning-wrong-bits.svg'].filter((name) => drawn.out.includes(name)));
  expect((await ntm(folder, 'report', 'study', '--csv')).out.trim().split('\r\n')).toHaveLength(4);
});
