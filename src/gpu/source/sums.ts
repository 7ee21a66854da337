/** Sums over all rows, which are taken in parts: by blocks of rows, and by threads that have some sequences each. */
import type { Expression, KernelCode } from './ir.js';
import { allOf, expressionsOf, partsOf, variablesOf, writtenBy } from './tree.js';

const isVariable = (e: Expression, name: string): boolean => e.kind === 'variable' && e.name === name;

/** Parts of an expression that are numbers of its own, not places in an array. */
const values = (e: Expression): readonly Expression[] => partsOf(e, ({ kind }) => kind !== 'load');

/**
 * Whether a kernel returns its first input and what one loop over the rows adds to it, a row at a time: so that
 * what some rows add can be added to what others did.
 */
export const isSumOfParts = ({ parameters, body }: KernelCode): boolean => {
  const [first, rows] = [parameters[0]!, parameters.at(-1)!];
  const returned = body.at(-1);
  const loops = body.flatMap((statement) => (statement.kind === 'for' && isVariable(statement.to, rows) ? [statement] : []));
  const [loop] = loops;
  if (returned?.kind !== 'return' || returned.value.kind !== 'variable' || loop === undefined) return false;
  const sum = returned.value.name;
  const all = allOf(body);
  const inside = allOf(loop.body);
  const read = all.flatMap(expressionsOf).flatMap(variablesOf);
  const firsts = all.flatMap(expressionsOf).flatMap((e) => partsOf(e)).filter((e) => e.kind === 'load' && e.array === first);
  const begins = body.some((statement) => statement.kind === 'declare' && statement.name === sum && statement.value === firsts[0]);
  const own = new Set(inside.flatMap((statement) => (statement.kind === 'declare' ? [statement.name] : [])));
  const adds = all.every((statement) => statement.kind !== 'assign' || statement.name !== sum || (inside.includes(statement) && ['+=', '-='].includes(statement.operator)));
  return (
    loops.length === 1 && loop.from.kind === 'number' && loop.from.value === 0 &&
    begins && firsts.length === 1 && adds &&
    read.filter((name) => name === sum).length === 1 && read.filter((name) => name === rows).length === 1 &&
    writtenBy(loop.body).every((name) => name === sum || own.has(name)) &&
    !inside.flatMap(expressionsOf).flatMap(values).some((e) => isVariable(e, loop.counter))
  );
};
