/** The recorder: what it makes of calls, slices, joins, sums and carries, and what it refuses when recording. */
import { describe, expect, it } from 'vitest';
import { type Array1, type Array2, kernel, type Thread } from '../../kernels/kernel.js';
import { type Apply, type Join, record, type Recorder, type Tensor } from '../../src/program/graph.js';

const same = kernel('same', 'a [B, X] -> [B, X]', function (this: Thread, a: Array2): number {
  return a[this.thread.y][this.thread.x];
});
const scaled = kernel('scaled', 'a [B, X], scale [X] -> [B, X]', function (this: Thread, a: Array2, scale: Array1): number {
  return a[this.thread.y][this.thread.x] * scale[this.thread.x];
});
const total = kernel('total', 'sum [X], a [B, X] -> [X]', function (this: Thread, sum: Array1, a: Array2, rows: number): number {
  let all = sum[this.thread.x];
  for (let row = 0; row < rows; row++) all += a[row][this.thread.x];
  return all;
});
const spread = kernel('spread', 'start [X] -> [B, X]', function (this: Thread, start: Array1): number {
  return start[this.thread.x];
});
const blank = kernel('blank', '-> [B, M, N]', function (this: Thread): number {
  return 1e-6;
});

const next = kernel('next', 'a [X] -> [X]', function (this: Thread, a: Array1): number {
  return a[this.thread.x] + 1;
});

/** In the section where sums are taken. */
const summing = (recorder: Recorder): Recorder => {
  recorder.section('gradients');
  return recorder;
};

/** Records, and hands out what `write` returns. */
const recorded = <A>(write: (recorder: Recorder) => A) => {
  let result: A;
  const program = record((recorder) => {
    result = write(recorder);
  });
  return { program, result: result! };
};

describe('a call', () => {
  it('has the shape that its signature tells, its inputs in the order of the parameters, its sizes as constants', () => {
    const { program, result } = recorded((r) => {
      const [scale, a] = [r.single('scale', [5], 'parameter'), r.input('a', [5])];
      r.section('forward');
      return r.apply(scaled, { scale, a });
    });
    const [call] = program.calls.forward as readonly Apply[];
    expect(result).toMatchObject({ shape: [5], domain: 'step', role: 'computed', at: 0, offset: 0 });
    expect(call!.inputs.map(({ name }) => name)).toEqual(['a', 'scale']);
    expect(call!.constants).toEqual({ X: 5 });
    expect(call!.output.id).toBe(result.id);
  });
  it('before the first step has a row a sequence', () => {
    expect(recorded((r) => r.apply(spread, { start: r.single('start', [3], 'parameter') })).result.domain).toBe('initial');
  });
  it('takes the sizes that no input tells with it', () => {
    expect(recorded((r) => r.apply(blank, {}, { M: 2, N: 3 })).result.shape).toEqual([2, 3]);
  });
  it.each<[string, (r: Recorder) => unknown, string]>([
    ['a wrong shape', (r) => r.apply(scaled, { a: r.input('a', [5]), scale: r.single('s', [4], 'parameter') }), 'kernel "scaled" (a [B, X], scale [X] -> [B, X]): input "scale" has shape [4], wanted [X] = [5]'],
    ['a missing input', (r) => r.apply(scaled, { a: r.input('a', [5]) }), 'kernel "scaled" (a [B, X], scale [X] -> [B, X]): input "scale" is missing'],
    ['an array without rows where it wants rows', (r) => r.apply(same, { a: r.single('s', [4], 'parameter') }), 'kernel "same" (a [B, X] -> [B, X]): input "a" is declared with rows, and "s" has none'],
    ['rows where it wants none', (r) => r.apply(spread, { start: r.input('a', [4]) }), 'kernel "spread" (start [X] -> [B, X]): input "start" is declared without rows, and "a" has some'],
    ['a size that nothing tells', (r) => r.apply(blank, {}, { M: 2 }), 'no input tells the size of "N"'],
    ['a target of another shape', (r) => r.replace(next, r.single('t', [4], 'gradient'), { a: r.single('s', [5], 'gradient') }), 'kernel "next" (a [X] -> [X]): its result has shape [5], "t" has [4]'],
    ['a sum over rows that is no sum', (r) => r.apply(total, { sum: r.single('t', [5], 'gradient'), a: r.input('a', [5]) }), 'kernel "total" (sum [X], a [B, X] -> [X]): it sums over all rows: record it by sum'],
    ['a sum over rows that replaces', (r) => r.replace(total, r.single('t', [5], 'gradient'), { a: r.input('a', [5]) }), 'it sums over all rows: record it by sum'],
    ['a sum before all steps are there', (r) => r.sum(total, r.single('t', [5], 'gradient'), { a: r.input('a', [5]) }), 'kernel "total" sums over rows in section "initialise"'],
    ['a sum into another shape', (r) => summing(r).sum(total, r.single('t', [4], 'gradient'), { a: r.input('a', [5]) }), 'input "a" has shape [5], wanted [X] = [4]'],
    ['a target that is an array in another shape', (r) => summing(r).sum(total, r.slice(r.single('t', [2, 3], 'gradient'), 0, [6]), { a: r.input('a', [6]) }), 'kernel "total" cannot replace a part of "t"'],
    ['a target that is a part of an array', (r) => summing(r).sum(total, r.slice(r.single('t', [6], 'gradient'), 2, [3]), { a: r.input('a', [3]) }), 'kernel "total" cannot replace a part of "t"'],
    ['two arrays of one name', (r) => [r.input('a', [5]), r.single('a', [5], 'parameter')], 'two tensors named "a"'],
  ])('is refused for %s', (_, write, fault) => expect(() => recorded(write)).toThrow(fault));
});

describe('a sum', () => {
  it('has its target as first input and as output', () => {
    const { program } = recorded((r) => {
      const [t, a] = [r.single('t', [5], 'gradient'), r.input('a', [5])];
      r.section('gradients');
      r.sum(total, t, { a });
      r.sum(total, t, { a }, 'initial');
    });
    const calls = program.calls.gradients as readonly Apply[];
    expect(calls.map(({ inputs, output, sumOver }) => [inputs.map(({ name }) => name), output.name, sumOver])).toEqual([[['t', 'a'], 't', 'step'], [['t', 'a'], 't', 'initial']]);
  });
});

describe('a slice', () => {
  it('is a part of each row, in a shape of its own, and copies nothing', () => {
    const { program, result } = recorded((r) => r.slice(r.input('a', [12]), 2, [2, 5]));
    expect(result).toMatchObject({ id: 0, at: 2, shape: [2, 5] });
    expect(program.tensors).toHaveLength(1);
    expect(program.tensors[0]).toMatchObject({ at: 0, shape: [12] });
    expect(program.calls.initialise).toEqual([]);
  });
  it('of a slice counts from the array’s beginning', () => {
    expect(recorded((r) => r.slice(r.slice(r.input('a', [12]), 2, [10]), 3, [2])).result.at).toBe(5);
  });
  it.each([[-1, [2]], [3, [3]], [0, [6]], [0, [2, 3]]])('that begins at %i in the shape %j does not exist in [5]', (at, shape) => {
    expect(() => recorded((r) => r.slice(r.input('a', [5]), at, shape))).toThrow(`"a" [5] has no slice [${shape.join(', ')}] at ${at}`);
  });
});

describe('a join', () => {
  it('lays rows one behind the other', () => {
    const { program, result } = recorded((r) => {
      const [a, b] = [r.input('a', [2, 3]), r.input('b', [4])];
      r.section('forward');
      return r.join([a, r.slice(b, 1, [2]), b]);
    });
    const [call] = program.calls.forward as readonly Join[];
    expect(result.shape).toEqual([12]);
    expect(call).toMatchObject({ kind: 'join', output: { id: result.id } });
    expect(call!.inputs.map(({ id, at, shape }) => [id, at, shape])).toEqual([[0, 0, [2, 3]], [1, 1, [2]], [1, 0, [4]]]);
  });
});

describe('a carried state', () => {
  const carried = (write: (r: Recorder, previous: Tensor) => Tensor) =>
    recorded((r) => {
      const { previous, bind } = r.carryForward(r.apply(spread, { start: r.single('start', [4], 'parameter') }));
      r.section('forward');
      const current = write(r, previous);
      bind(current);
      return { previous, current };
    });

  it('is read one step before, under the name of what it goes on as', () => {
    const { program, result } = carried((r, previous) => r.apply(same, { a: previous }));
    const [call] = program.calls.forward as readonly Apply[];
    expect(call!.inputs).toEqual([{ ...result.current, offset: -1 }]);
    expect(program.carries).toMatchObject([{ direction: 'forward', initial: { domain: 'initial' }, current: { id: result.current.id } }]);
  });
  it('read in part is that part of what it goes on as', () => {
    const { program, result } = carried((r, previous) => r.join([r.slice(previous, 3, [1]), r.slice(previous, 0, [3])]));
    const [call] = program.calls.forward as readonly Join[];
    expect(call!.inputs.map(({ id, at, offset, shape }) => [id, at, offset, shape])).toEqual([[result.current.id, 3, -1, [1]], [result.current.id, 0, -1, [3]]]);
  });
  it('backwards is read one step after, and begins with zeros', () => {
    const { program } = recorded((r) => {
      const { next, bind } = r.carryBackward('dh', [4]);
      r.section('backward');
      bind(r.apply(same, { a: next }));
    });
    const [call] = program.calls.backward as readonly Apply[];
    expect(call!.inputs[0]).toMatchObject({ id: call!.output.id, offset: 1 });
    expect(program.carries).toMatchObject([{ direction: 'backward', initial: null }]);
  });
  it.each<[string, (r: Recorder) => Tensor]>([
    ['an array of another size', (r) => r.input('a', [5])],
    ['a slice', (r) => r.slice(r.input('a', [5]), 0, [4])],
  ])('cannot go on as %s', (_, write) => {
    expect(() => carried(write)).toThrow(/cannot go on as "a"/);
  });
  it.each<[string, (r: Recorder) => Tensor, string]>([
    ['an array without rows', (r) => r.single('a', [4], 'parameter'), '"a" is no state before the first step: it has no rows'],
    ['an array of rows of all steps', (r) => r.input('a', [4]), '"a" is no state before the first step: it has a row a step'],
  ])('cannot begin as %s', (_, start, fault) => expect(() => recorded((r) => r.carryForward(start(r)))).toThrow(fault));
  it('that begins as the same array as another begins as a copy', () => {
    const { program } = recorded((r) => {
      const start = r.apply(spread, { start: r.single('start', [4], 'parameter') });
      const states = [r.carryForward(start), r.carryForward(start), r.carryForward(r.slice(start, 1, [2]))];
      r.section('forward');
      for (const { previous, bind } of states) bind(r.apply(same, { a: previous }));
    });
    expect(new Set(program.carries.map(({ initial }) => initial!.id)).size).toBe(3);
  });
  it('that is read must go on as something', () => {
    expect(() => recorded((r) => r.apply(same, { a: r.carryBackward('dh', [4]).next }))).toThrow('"next dh" is read, and nothing is bound to it');
  });
});
