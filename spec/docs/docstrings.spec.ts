/** What the package exports says what it is: its shapes where there are arrays, its errors where something can fail. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { symbolsOf } from './typecheck.js';

interface Exported {
  readonly name: string;
  readonly words: string;
  /** Of what can be called, else null. */
  readonly signature: string | null;
}

const exported = (entry: string): readonly Exported[] => {
  const { checker, symbols } = symbolsOf(entry);
  return symbols.map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const tags = target.getJsDocTags(checker).map(({ text }) => ts.displayPartsToString(text));
    const [call] = checker.getTypeOfSymbolAtLocation(target, target.declarations![0]!).getCallSignatures();
    return {
      name: symbol.name,
      words: [ts.displayPartsToString(target.getDocumentationComment(checker)), ...tags].join(' '),
      signature: call ? checker.signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation) : null,
    };
  });
};

describe.each(['src/index.ts', 'src/core.ts', 'src/node.ts'])('%s', (entry) => {
  const all = exported(entry);
  /** Names of functions of which a signature that fits `has` is not said with `words`. */
  const silent = (has: RegExp, words: RegExp): readonly string[] =>
    all.filter(({ signature, words: said }) => signature !== null && has.test(signature) && !words.test(said)).map(({ name }) => name);

  it('has a docstring for every export', () => {
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter(({ words }) => words.trim() === '').map(({ name }) => name)).toEqual([]);
  });

  it('says what is left of an Either', () => expect(silent(/\b(Task)?Either</, /\bLeft: /)).toEqual([]));

  it('says what a promise rejects with', () => expect(silent(/\): Promise</, /\b(Throws|Rejects)\b/)).toEqual([]));

  it('says shapes of arrays', () => expect(silent(/Float32Array|ParameterValues|: Batch\b/, /\[/)).toEqual([]));
});
