/**
 * Sums of shaders, in blocks: a sum of N numbers in single precision loses about √N roundings of its
 * largest partial result, a sum of blocks those of a block and of the blocks. (WebAssembly keeps four
 * sums for speed; the cpu backend sums in double precision.)
 */
import type { Expression, KernelCode, Statement } from '../source/ir.js';
import { children } from '../source/tree.js';

/** What other sizes cost the fixture that is hardest to meet: docs/proof.md. */
const BLOCK = 4;
const LONG = 16;

type ForLoop = Extract<Statement, { kind: 'for' }>;

const number = (value: number): Expression => ({ kind: 'number', value });
const variable = (name: string): Expression => ({ kind: 'variable', name });

const mentions = (e: Expression, name: string): boolean => (e.kind === 'variable' && e.name === name) || children(e).some((part) => mentions(part, name));

/** The sums of a loop's body that nothing in it reads; null where it does anything else to what lives across iterations. */
const sumsOf = ({ body }: ForLoop): readonly string[] | null => {
  const declared = new Set(body.flatMap((statement) => (statement.kind === 'declare' ? [statement.name] : [])));
  const sums: string[] = [];
  for (const statement of body) {
    if (statement.kind === 'declare') continue;
    if (statement.kind !== 'assign') return null;
    if (declared.has(statement.name)) continue;
    if (statement.operator !== '+=' && statement.operator !== '-=') return null;
    sums.push(statement.name);
  }
  const read = (name: string): boolean => body.some((statement) => 'value' in statement && mentions(statement.value, name));
  return new Set(sums).size === sums.length && !sums.some(read) ? sums : null;
};

const inBlocks = (loop: ForLoop): readonly Statement[] => {
  const { from, to, counter } = loop;
  const sums = from.kind === 'number' && to.kind === 'number' && to.value - from.value >= LONG ? sumsOf(loop) : null;
  if (sums === null || from.kind !== 'number') return [loop];
  const last = `${counter}Last`;
  const part = (name: string): string => `${name}Block`;
  const assign = (name: string, operator: '=' | '+=', value: Expression): Statement => ({ kind: 'assign', name, operator, value });
  const flush = sums.map((name) => assign(name, '+=', variable(part(name))));
  const body = loop.body.map((statement): Statement => (statement.kind === 'assign' && sums.includes(statement.name) ? { ...statement, name: part(statement.name) } : statement));
  const then = [...flush, ...sums.map((name) => assign(part(name), '=', number(0))), assign(last, '+=', number(BLOCK))];
  const test: Expression = { kind: 'binary', operator: '===', left: variable(counter), right: variable(last) };
  return [
    ...sums.map((name): Statement => ({ kind: 'declare', name: part(name), value: number(0) })),
    { kind: 'declare', name: last, value: number(from.value + BLOCK - 1) },
    { ...loop, body: [...body, { kind: 'if', test, then, otherwise: [] }] },
    ...flush,
  ];
};

const visit = (statements: readonly Statement[]): readonly Statement[] =>
  statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === 'if') return [{ ...statement, then: visit(statement.then), otherwise: visit(statement.otherwise) }];
    return statement.kind === 'for' ? inBlocks(statement) : [statement];
  });

/** Constants must be numbers already (fuse.ts, `withConstants`). */
export const sumInBlocks = (code: KernelCode): KernelCode => ({ ...code, body: visit(code.body) });
