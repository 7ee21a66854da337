/**
 * A kernel as data: what its text says once JavaScript's scoping is resolved and a minifier's tricks
 * are undone. Every variable has a name of its own in the whole kernel; no name is a constant's, a
 * parameter's and a variable's at once.
 */
export type Axis = 'x' | 'y' | 'z';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '<' | '>' | '<=' | '>=' | '===' | '!==' | '&&' | '||';

export type MathFunction = 'abs' | 'exp' | 'floor' | 'log' | 'max' | 'min' | 'pow' | 'sqrt';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  /** A local variable, a loop's counter, or a parameter that is a number (the number of rows). */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'thread'; readonly axis: Axis }
  | { readonly kind: 'constant'; readonly name: string }
  /** Indices outermost first, as written. */
  | { readonly kind: 'load'; readonly array: string; readonly indices: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly argument: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'conditional'; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression }
  | { readonly kind: 'call'; readonly function: MathFunction; readonly arguments: readonly Expression[] };

export type Statement =
  | { readonly kind: 'declare'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'assign'; readonly name: string; readonly operator: '=' | '+=' | '-=' | '*=' | '/='; readonly value: Expression }
  | { readonly kind: 'if'; readonly test: Expression; readonly then: readonly Statement[]; readonly otherwise: readonly Statement[] }
  /** counter = from; counter < to; counter += 1 */
  | { readonly kind: 'for'; readonly counter: string; readonly from: Expression; readonly to: Expression; readonly body: readonly Statement[] }
  | { readonly kind: 'return'; readonly value: Expression };

export interface KernelCode {
  readonly parameters: readonly string[];
  readonly body: readonly Statement[];
}
