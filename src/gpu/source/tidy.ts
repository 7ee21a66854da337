/** What reading leaves behind: variables that nothing reads, and declarations far from the first value. */
import type { Statement } from './ir.js';
import { bodiesOf, expressionsOf, readBy, variablesOf, writtenBy } from './tree.js';

const mentions = (statement: Statement, name: string): boolean => readBy([statement]).includes(name) || writtenBy([statement]).includes(name);

/** Without the variables that no expression reads. */
const withoutUnread = (body: readonly Statement[]): Statement[] => {
  const reads = new Set(body.flatMap((statement) => readersOf(statement)));
  const clean = (list: readonly Statement[]): Statement[] =>
    list.flatMap((statement): Statement[] => {
      if (statement.kind === 'declare' || statement.kind === 'assign') return reads.has(statement.name) ? [statement] : [];
      if (statement.kind === 'for') {
        const inner = clean(statement.body);
        return inner.length > 0 ? [{ ...statement, body: inner }] : [];
      }
      if (statement.kind !== 'if') return [statement];
      const [then, otherwise] = [clean(statement.then), clean(statement.otherwise)];
      return then.length + otherwise.length > 0 ? [{ ...statement, then, otherwise }] : [];
    });
  const next = clean(body);
  return JSON.stringify(next) === JSON.stringify(body) ? next : withoutUnread(next);
};

/** Variables that a statement reads for something else than their own next value. */
const readersOf = (statement: Statement): string[] => {
  const own = expressionsOf(statement).flatMap(variablesOf);
  return [...(statement.kind === 'assign' ? own.filter((name) => name !== statement.name) : own), ...bodiesOf(statement).flat().flatMap(readersOf)];
};

/** Moves the declaration of a variable without a value to where it gets the first; null where it must stay. */
const sink = (name: string, list: readonly Statement[]): Statement[] | null => {
  const at = list.findIndex((statement) => mentions(statement, name));
  const first = list[at];
  if (!first) return null;
  const put = (statement: Statement): Statement[] => [...list.slice(0, at), statement, ...list.slice(at + 1)];
  if (first.kind === 'assign') return first.operator === '=' && !variablesOf(first.value).includes(name) ? put({ kind: 'declare', name, value: first.value }) : null;
  if (list.slice(at + 1).some((statement) => mentions(statement, name)) || expressionsOf(first).flatMap(variablesOf).includes(name)) return null;
  if (first.kind === 'for') {
    const body = sink(name, first.body);
    return body && put({ ...first, body });
  }
  if (first.kind !== 'if') return null;
  const [then, otherwise] = [first.then, first.otherwise].map((branch) => branch.some((statement) => mentions(statement, name)));
  if (then && otherwise) return null;
  const branch = sink(name, then ? first.then : first.otherwise);
  return branch && put(then ? { ...first, then: branch } : { ...first, otherwise: branch });
};

const placed = (list: readonly Statement[], late: ReadonlySet<string>): Statement[] =>
  list.reduceRight<Statement[]>((rest, statement) => {
    if (statement.kind === 'declare' && late.has(statement.name)) return sink(statement.name, rest) ?? [statement, ...rest];
    if (statement.kind === 'for') return [{ ...statement, body: placed(statement.body, late) }, ...rest];
    if (statement.kind === 'if') return [{ ...statement, then: placed(statement.then, late), otherwise: placed(statement.otherwise, late) }, ...rest];
    return [statement, ...rest];
  }, []);

/** `late`: variables that were declared without a value. */
export const tidy = (body: readonly Statement[], late: ReadonlySet<string>): Statement[] => placed(withoutUnread(body), late);
