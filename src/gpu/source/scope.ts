/** JavaScript's scopes: which binding a name means where it stands. */
import type { AnyNode, Pattern, Statement as Node, VariableDeclaration } from 'acorn';
import type { Expression } from './ir.js';

/** What a name stands for; `value` changes where the text declares it and inside a loop that it counts. */
export interface Binding {
  readonly name: string;
  readonly kind: 'parameter' | 'variable';
  /** What reading it gives; null before its declaration. */
  value: Expression | null;
  /** The counter of a loop around. */
  counting: boolean;
}

export interface Scope {
  readonly names: ReadonlyMap<string, Binding>;
  readonly outer: Scope | null;
}

export const bindingOf = (scope: Scope | null, name: string): Binding | null => (scope === null ? null : (scope.names.get(name) ?? bindingOf(scope.outer, name)));

const declared = ({ declarations }: VariableDeclaration): string[] => declarations.flatMap(({ id }: { id: Pattern }) => (id.type === 'Identifier' ? [id.name] : []));

/** Names that `let` and `const` declare right in a list of statements. */
const lexical = (list: readonly AnyNode[]): string[] => list.flatMap((node) => (node.type === 'VariableDeclaration' && node.kind !== 'var' ? declared(node) : []));

/** Names that `var` declares anywhere below. */
export const hoisted = (node: AnyNode | null | undefined): string[] => {
  switch (node?.type) {
    case 'VariableDeclaration':
      return node.kind === 'var' ? declared(node) : [];
    case 'BlockStatement':
      return node.body.flatMap(hoisted);
    case 'IfStatement':
      return [...hoisted(node.consequent), ...hoisted(node.alternate)];
    case 'ForStatement':
      return [...hoisted(node.init), ...hoisted(node.body)];
    default:
      return [];
  }
};

export const open = (outer: Scope | null, names: readonly string[], kind: Binding['kind'] = 'variable'): Scope => ({
  names: new Map(names.map((name) => [name, { name, kind, value: null, counting: false }])),
  outer,
});

export const openBlock = (outer: Scope, list: readonly Node[] | readonly AnyNode[]): Scope => open(outer, lexical(list));
