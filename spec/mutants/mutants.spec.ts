/** The mutator itself, and a few mutants, others in every run, which a fifth of the laws' cases kill; all of them: npm run mutants. */
import { afterAll, describe, expect, inject, it } from 'vitest';
import { mutantsOf, mutated } from './mutate.js';
import { allMutants, filesIn, openJudges, sampleOf } from './run.js';

const KERNEL = `function f(this: Thread<'N'>, a: Array2, b: Array2): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += a[this.thread.x][n] * -b[n][0];
  }
  return sum > 1e-8 ? Math.max(sum, 2) : 0.5;
}
`;

describe('mutants', () => {
  const texts = mutantsOf('kernels/f.ts', KERNEL).map((mutant) => mutated(KERNEL, mutant));

  it.each([
    'let sum = 1;', 'let n = 1;', 'n <= this.constants.N', 'n >= this.constants.N', 'sum -= a', '[n] / -b', '[n] * b', 'a[this.thread.y]', 'b[this.thread.x]', '-a[n]', '[n][1]',
    'sum >= 1e-8', 'sum <= 1e-8', 'sum > (1e-8 * 2)', '(sum > 1e-8 ? 0.5 : Math.max(sum, 2))', 'Math.min(sum, 2)', 'Math.max(sum, 1)', 'Math.max(sum, 3)', ': (0.5 * 2)',
  ])('have one with "%s"', (part) => expect(texts.filter((text) => text.includes(part))).toHaveLength(1));

  it('differ from the text in one place, and from one another', () => {
    expect(new Set([...texts, KERNEL]).size).toBe(texts.length + 1);
  });

  it('swap what is given by name or by place, and leave statements out', () => {
    const model = `const f = (a: number, b: number) => { g({ a, b }); return h(a, b) + [a, b].length; };\nf(1, 0);`;
    const changed = mutantsOf('src/model/f.ts', model).map((mutant) => mutated(model, mutant));
    for (const part of ['{ a: b, b: a }', 'h(b, a)', '[b, a]', '{ ; return', '\n;']) expect(changed.some((text) => text.includes(part)), part).toBe(true);
  });

  it('leave texts, types and imports alone', () => {
    expect(mutantsOf('src/a.ts', "import { a } from 'b';\ninterface C { readonly d: 1; }\nconst e = 'x' + `${1 + 1}`;")).toEqual([]);
  });
});

describe('a few mutants of kernels and model', () => {
  const [seed, count] = [inject('seed'), 6];
  const judges = openJudges(seed, true);
  afterAll(() => judges.end());

  it('do not survive a fifth of the cases, but for some that change nothing', { timeout: 600_000 }, async () => {
    expect(await judges.judge(null, 'kernels/')).toEqual({ by: null });
    const survivors: string[] = [];
    for (const mutant of sampleOf(allMutants(['kernels', 'src/model'].flatMap(filesIn)), count, seed)) {
      if ((await judges.judge(mutant)).by === null) survivors.push(`${mutant.file}:${mutant.line}  ${mutant.what}`);
    }
    expect(survivors.length, survivors.join('\n')).toBeLessThanOrEqual(count / 3);
  });
});
