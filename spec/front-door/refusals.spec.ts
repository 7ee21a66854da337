/** Whatever is wrong is an NtmError with a code and one line; and when a model lets others in, stops, and ends. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createNtm, defineTask, loadNtm, type Ntm, NtmError, type NtmOptions, tasks } from '../../src/index.js';
import { taskOf } from './drawn.js';

const SMALL = { hidden: 5, slots: 6, width: 3, batch: 2 } as const;
const open = (): Promise<Ntm> => createNtm({ task: tasks.copy({ bits: 2, maxLength: 3 }), ...SMALL });

const refused = async (action: () => unknown): Promise<NtmError> => {
  const error = await (async () => action())().then(
    () => expect.fail('nothing was refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NtmError);
  expect((error as NtmError).message).not.toContain('\n');
  return error as NtmError;
};

const row = [0, 1, 0];

describe('sequences', () => {
  let ntm: Ntm;
  beforeAll(async () => {
    ntm = await open();
    return () => ntm.dispose();
  });

  it.each<readonly [string, unknown, string, RegExp]>([
    ['no steps', [], 'wrong-shape', /rows of 3 numbers, at least one/],
    ['nothing', undefined, 'wrong-shape', /rows of 3 numbers/],
    ['a text', 'abc', 'wrong-shape', /got "abc"/],
    ['too few channels', [row, [0, 1]], 'wrong-shape', /sequence\[1\] has 2 channels, the model takes 3/],
    ['too many channels in a batch', [[row], [row, [0, 1, 0, 1]]], 'wrong-shape', /sequences\[1\]\[1\] has 4 channels/],
    ['an empty sequence in a batch', [[row], []], 'wrong-shape', /sequences\[1\] has no steps/],
    ['a number among sequences', [[row], 3], 'wrong-shape', /sequences\[1\] wants rows/],
    ['no number', [row, [0, '1', 0]], 'wrong-shape', /sequence\[1\]\[1\] wants a number, got "1"/],
    ['NaN', [row, [0, NaN, 0]], 'wrong-number', /sequence\[1\]\[1\] is NaN/],
    ['infinity in a batch', [[row], [[0, 0, Infinity]]], 'wrong-number', /sequences\[1\]\[0\]\[2\] is Infinity/],
    ['what float32 cannot hold', [[0, 1e39, 0]], 'wrong-number', /1e\+39/],
    ['a shape of one axis', { shape: [3], data: new Float32Array(3) }, 'wrong-shape', /shape wants \[steps, 3\]/],
    ['a shape that does not fit', { shape: [2, 3], data: new Float32Array(5) }, 'wrong-shape', /data has 5 numbers, shape \[2, 3\] has 6/],
    ['other channels', { shape: [3, 2], data: new Float32Array(6) }, 'wrong-shape', /has 2 channels, the model takes 3/],
    ['flat doubles', { shape: [1, 3], data: new Float64Array(3) }, 'wrong-shape', /Float32Array/],
    ['flat NaN', { shape: [1, 3], data: Float32Array.of(0, NaN, 0) }, 'wrong-number', /data\[1\] is NaN/],
  ])('%s', async (_, given, code, words) => {
    const error = await refused(() => ntm.run(given as number[][]));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect((await refused(() => ntm.steps(given as number[][]))).code).toMatch(/wrong/);
  });

  it('answers below 0, cells that are not, and an until of nothing', async () => {
    expect((await refused(() => ntm.run([row], { answers: -1 }))).message).toMatch(/answers wants a whole number of at least 0, got -1/);
    expect((await refused(() => ntm.evaluate({ cells: { width: 3 } }))).message).toMatch(/width is not a size of this task.*length/);
    expect((await refused(() => ntm.evaluate({ cells: { length: [2, 0] } }))).message).toMatch(/length.*at least 1, got 0/);
    expect((await refused(() => ntm.evaluate({ sequences: 0 }))).message).toMatch(/sequences.*at least 1, got 0/);
    expect((await refused(() => ntm.train({ until: 'done' as 'solved' }))).message).toMatch(/until wants 'solved'.*"done"/);
    expect((await refused(() => ntm.train({ until: { iterations: 1.5 } }))).message).toMatch(/until.iterations.*1\.5/);
    expect((await refused(() => ntm.withSlots(3))).message).toMatch(/slots 3: .*6 slots/);
  });
});

describe('settings', () => {
  it.each<readonly [string, object, string, RegExp]>([
    ['no task', {}, 'wrong-setting', /task is missing/],
    ['an unknown setting', { task: tasks.copy(), hiden: 3 }, 'wrong-setting', /"hiden"; known are .*hidden/],
    ['a size of 0', { task: tasks.copy(), hidden: 0 }, 'wrong-setting', /^hidden wants an integer of at least 1, got 0/],
    ['a learning rate that is no number', { task: tasks.copy(), learningRate: NaN }, 'wrong-setting', /^learningRate wants.*NaN/],
    ['more taps than slots', { task: tasks.copy(), taps: 9, slots: 5 }, 'wrong-setting', /^taps 9 is above the 5 slots/],
    ['a task that is none', { task: { name: 'x' } }, 'wrong-task', /inputs/],
    ['a task that draws at random', { task: { ...taskOf(1, 1), sequence: () => ({ input: [[Math.random()]], answer: [[1]] }) } }, 'wrong-task', /Math\.random/],
    ['a backend that is not here', { task: tasks.copy(), backend: 'abacus' }, 'wrong-setting', /^backend wants.*"abacus"/],
    ['weights that are none', { task: tasks.copy(), weights: new Uint8Array(20) }, 'unreadable', /safetensors/],
  ])('%s', async (_, options, code, words) => {
    const error = await refused(() => createNtm(options as NtmOptions));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
  });

  it('an option of a task', async () => {
    expect(await refused(() => tasks.copy({ bits: 0 }))).toMatchObject({ code: 'wrong-setting', message: expect.stringMatching(/task copy: bits wants.*0/) });
  });
});

describe('bytes', () => {
  it('are refused with what is wrong with them', async () => {
    const ntm = await open();
    const bytes = await ntm.save();
    await ntm.dispose();
    expect((await refused(() => loadNtm('model.safetensors' as unknown as Uint8Array))).code).toBe('unreadable');
    expect((await refused(() => loadNtm(bytes.subarray(0, 900)))).code).toBe('unreadable');
    const flipped = bytes.slice();
    flipped[flipped.length - 2]! ^= 64;
    expect(await refused(() => loadNtm(flipped))).toMatchObject({ code: 'unreadable', message: expect.stringMatching(/checksum/) });
    expect(await refused(() => loadNtm(bytes, { task: tasks.recall() }))).toMatchObject({ code: 'wrong-task', message: expect.stringMatching(/copy task, not on.*recall/) });
    expect(await refused(() => createNtm({ task: tasks.copy({ bits: 2 }), weights: bytes, hidden: 9 }))).toMatchObject({ code: 'wrong-setting', message: expect.stringMatching(/hidden is 5 in these weights, and 9/) });
  });

  it('of a task of one’s own want that task', async () => {
    const own = defineTask(taskOf(2, 1));
    const ntm = await createNtm({ task: own, ...SMALL });
    await ntm.train({ until: { iterations: 2 } });
    const bytes = await ntm.save();
    expect(await refused(() => loadNtm(bytes))).toMatchObject({ code: 'no-task', message: expect.stringMatching(/"drawn".*loadNtm\(bytes, \{ task \}\)/) });
    const loaded = await loadNtm(bytes, { task: own });
    expect(loaded.progress).toEqual({ iterations: 2, sequences: 4, solved: false });
    expect(await loaded.save()).toEqual(bytes);
    for (const each of [ntm, loaded]) await each.dispose();
  });

  it('of weights alone can begin another run, with more slots too', async () => {
    const ntm = await open();
    const weights = await ntm.save({ only: 'weights' });
    const begun = await createNtm({ task: tasks.copy({ bits: 2 }), weights, learningRate: 1e-3 });
    expect([begun.shape, begun.settings?.learningRate]).toEqual([ntm.shape, 1e-3]);
    expect(await begun.run([row])).toEqual(await ntm.run([row]));
    const larger = await loadNtm(weights, { slots: 11 });
    expect([larger.shape.slots, larger.settings?.slots]).toEqual([11, 11]);
    await larger.train({ until: { iterations: 1 } });
    expect((await larger.run([row])).memory).toHaveLength(11);
    for (const each of [ntm, begun, larger]) await each.dispose();
  });
});

describe('a model that trains', () => {
  it('lets others have their turn, and is looked at between two iterations', async () => {
    const ntm = await open();
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => void ++ticks, 1);
    const training = ntm.train({ until: { iterations: 1e6 }, signal: stop.signal });
    expect((await refused(() => ntm.train())).code).toBe('busy');
    while (ticks < 20) await new Promise((done) => void setTimeout(done, 5));
    const [saved, { output }] = await Promise.all([ntm.save(), ntm.run([row])]);
    stop.abort();
    const { ended, iterations } = await training;
    clearInterval(timer);
    expect(ended).toBe('stopped');
    const then = await loadNtm(saved);
    expect(then.progress.iterations).toBeLessThanOrEqual(iterations);
    expect((await then.run([row])).output).toHaveLength(output.length);
    // Either does the evaluation that the stop may have left.
    for (const each of [ntm, then]) await each.train({ until: { iterations } });
    expect(await then.save()).toEqual(await ntm.save());
    for (const each of [ntm, then]) await each.dispose();
  });

  it('does nothing for a signal that came before it, and passes on what onProgress throws', async () => {
    const ntm = await open();
    expect(await ntm.train({ signal: AbortSignal.abort() })).toEqual({ ended: 'stopped', iterations: 0, sequences: 0, solved: false });
    const mine = new Error('mine');
    await expect(
      ntm.train({
        every: 3,
        onProgress: () => {
          throw mine;
        },
      }),
    ).rejects.toBe(mine);
    expect(ntm.progress.iterations).toBe(3);
    expect(await ntm.train({ until: { sequences: 10 } })).toMatchObject({ ended: 'reached', iterations: 5, sequences: 10 });
    await ntm.dispose();
  });

  it('says that it diverged', async () => {
    const ntm = await createNtm({ task: tasks.copy({ bits: 2 }), ...SMALL, learningRate: 1e6, maxNorm: 0, clip: 0, stepLimit: 0 });
    const error = await refused(() => ntm.train());
    expect([error.code, error.message]).toEqual(['diverged', expect.stringMatching(/step \d+.*lower learningRate/)]);
    await ntm.dispose();
  });

  it('ends with its model, of which nothing is left to use', async () => {
    const ntm = await open();
    const steps = await ntm.steps([row]);
    const training = ntm.train({ until: { iterations: 1e6 } });
    await new Promise((done) => void setTimeout(done, 30));
    await ntm.dispose();
    expect((await training).ended).toBe('stopped');
    await ntm.dispose();
    const uses = [() => ntm.run([row]), () => ntm.train(), () => ntm.evaluate(), () => ntm.save(), () => ntm.steps([row]), () => ntm.withSlots(9), () => steps.step()];
    for (const use of uses) expect((await refused(use)).code).toBe('disposed');
  });

  it('is disposed of at the end of its block', async () => {
    let kept: Ntm;
    {
      await using ntm = await open();
      kept = ntm;
    }
    expect((await refused(() => kept.save())).code).toBe('disposed');
  });
});
