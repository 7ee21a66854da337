/** TypeScript's opinion of code that stands in no file of the project. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const parsed = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')).config,
  ts.sys,
  '.',
);
/** Examples declare what they do not use. */
const OPTIONS: ts.CompilerOptions = { ...parsed.options, noUnusedLocals: false, noUnusedParameters: false };

/** Faults by name, of modules as if they lay in the project's root; `inRoot`: what they may import. */
export const faultsOf = (modules: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const paths = new Map([...modules.keys()].map((name, i) => [resolve(`example-${i}.ts`), name]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  const codeAt = (path: string): string | undefined => modules.get(paths.get(resolve(path)) ?? '');
  host.fileExists = (path) => codeAt(path) !== undefined || fileExists(path);
  host.readFile = (path) => codeAt(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const code = codeAt(path);
    return code === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, code, version, true);
  };
  const program = ts.createProgram({ rootNames: [...paths.keys()], options: OPTIONS, host });
  const faults = ([path, name]: readonly [string, string]): readonly [string, readonly string[]] => {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return [
      name,
      found.map(
        ({ messageText, start }) =>
          `line ${source.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      ),
    ];
  };
  return new Map([...paths].map(faults));
};

/** What a module exports, types included. */
export const symbolsOf = (path: string): { readonly checker: ts.TypeChecker; readonly symbols: readonly ts.Symbol[] } => {
  const program = ts.createProgram({ rootNames: [path], options: OPTIONS });
  const checker = program.getTypeChecker();
  return { checker, symbols: checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!) };
};

export const exportsOf = (path: string): readonly string[] => symbolsOf(path).symbols.map(({ name }) => name);
