/** Random kernels as JavaScript text: nested blocks, shadowed names, var, early returns, loops in loops. */
import type { Draw } from '../../../src/random.js';

interface Place {
  /** Variables that may be read, and those of them that may be assigned to. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly counters: readonly string[];
  readonly inLoop: boolean;
  readonly depth: number;
}

const NAMES = ['u', 'v', 'w', 'N', 'i'];
const COUNTERS = ['i', 'j', 'k', 'M'];

/** `function (a, b, rows) {…}` over a [5, 5], b [5], constants N = 3 and M = 2. */
export const randomKernel = ({ integer, uniform }: Draw): string => {
  const pick = <A>(...list: readonly A[]): A => list[integer(0, list.length - 1)]!;
  const index = ({ counters }: Place): string => pick('0', '2', 'this.thread.x', 'this.constants.N', ...counters);

  const number = (place: Place, depth = 3): string => {
    const part = (): string => number(place, depth - 1);
    const leaves = [
      () => String(Math.round(uniform(-3, 3) * 8) / 8),
      () => pick('0', '1', '3', '-1', '1e-6'),
      () => pick('this.thread.x', 'this.thread.y', 'this.constants.N', 'this.constants.M', 'rows'),
      () => `a[${index(place)}][${index(place)}]`,
      () => `b[${index(place)}]`,
      ...(place.read.length > 0 ? [() => pick(...place.read), () => pick(...place.read), () => pick(...place.read)] : []),
    ];
    if (depth === 0) return pick(...leaves)();
    return pick(
      ...leaves,
      () => `(${part()} ${pick('+', '-', '*', '/')} ${part()})`,
      () => `(${part()} ${pick('+', '-', '*')} ${part()})`,
      () => `(${condition(place, depth - 1)} ? ${part()} : ${part()})`,
      () => `-(${part()})`,
      () => `Math.${pick('max', 'min')}(${part()}, ${part()})`,
      () => `Math.${pick('abs', 'floor')}(${part()})`,
      () => `Math.pow(Math.abs(${part()}), ${part()})`,
      () => `Math.sqrt(Math.abs(${part()}))`,
    )();
  };
  const condition = (place: Place, depth = 2): string => {
    const compare = (): string => `${number(place, 1)} ${pick('<', '>', '<=', '>=', '===', '!==')} ${number(place, 1)}`;
    if (depth === 0) return compare();
    return pick(compare, compare, () => `(${condition(place, depth - 1)} ${pick('&&', '||')} ${condition(place, depth - 1)})`, () => `!(${condition(place, depth - 1)})`)();
  };

  const block = (place: Place, length: number): string => {
    let inside = place;
    const declared = NAMES.filter(() => integer(0, 3) === 0).slice(0, 2);
    // A name that this block declares cannot be read before its declaration, not even from further out.
    const visible = (names: readonly string[]): string[] => names.filter((name) => !declared.includes(name));
    inside = { ...place, read: visible(place.read), write: visible(place.write), counters: visible(place.counters) };
    const lines: string[] = [];
    for (const name of declared) {
      const kind = pick('let', 'let', 'const');
      lines.push(`${kind} ${name} = ${number(inside)};`);
      inside = { ...inside, read: [...inside.read, name], write: kind === 'let' ? [...inside.write, name] : inside.write };
    }
    for (let i = 0; i < length; i++) lines.push(statement(inside));
    return `{\n${lines.join('\n')}\n}`;
  };

  const statement = (place: Place): string => {
    const nested = { ...place, depth: place.depth - 1 };
    const assign = (): string => (place.write.length === 0 ? ';' : `${pick(...place.write)} ${pick('=', '+=', '-=', '*=')} ${number(place)};`);
    const loop = (): string => {
      const counter = pick(...COUNTERS);
      const names = (list: readonly string[]): string[] => list.filter((name) => name !== counter);
      const body = { ...nested, read: [...names(place.read), counter], write: names(place.write), counters: [...names(place.counters), counter], inLoop: true };
      return `for (let ${counter} = ${pick('0', '1')}; ${counter} < ${pick('3', 'this.constants.N', '4')}; ${counter}++) ${block(body, integer(1, 3))}`;
    };
    if (place.depth === 0) return assign();
    return pick(
      assign,
      assign,
      assign,
      loop,
      () => `if (${condition(place)}) ${block(nested, integer(1, 2))}`,
      () => `if (${condition(place)}) ${block(nested, 1)} else ${block(nested, integer(1, 2))}`,
      () => (place.inLoop ? `if (${condition(place)}) continue;` : `if (${condition(place)}) return ${number(place)};`),
      () => block(nested, 2),
      () => `var p = ${number(place)};\n${place.write.length > 0 ? `${pick(...place.write)} += p;` : ''}`,
    )();
  };

  const place: Place = { read: ['s', 't', 'p'], write: ['s', 't', 'p'], counters: [], inLoop: false, depth: 3 };
  const body = Array.from({ length: integer(1, 4) }, () => statement(place)).join('\n');
  return `function kernel(a, b, rows) {\nlet s = ${number({ ...place, read: [] })}, t;\nvar p = ${number({ ...place, read: ['s'] })};\nif (${condition({ ...place, read: ['s', 'p'] })}) {\nt = 1;\n} else {\nt = ${number({ ...place, read: ['s', 'p'] })};\n}\n${body}\nreturn ${number(place)};\n}`;
};
