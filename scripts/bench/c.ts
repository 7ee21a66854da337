/** The same iteration in hand-tuned C, compiled to WebAssembly by clang where that is present. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const COMPILERS = ['clang', 'clang-22', 'clang-21', 'clang-20', 'clang-19', 'clang-18', 'clang-17', 'clang-16'];
const FLAGS = ['--target=wasm32', '-msimd128', '-mbulk-memory', '-O3', '-ffast-math', '-nostdlib', '-Wl,--no-entry', '-Wl,--export-dynamic', '-Wl,-z,stack-size=262144'];

export interface CompiledC {
  /** Median milliseconds of an iteration of copy 10. */
  readonly time: (batch: number) => number;
  readonly dispose: () => void;
}

/** Compiles `source` (its runner, ntm-wasm.mjs, stands beside it); null where no compiler can. */
export const compileC = (source: string): CompiledC | null => {
  const folder = mkdtempSync(join(tmpdir(), 'ntm-c-'));
  const module = join(folder, 'ntm.wasm');
  const compiled = COMPILERS.some((compiler) => {
    try {
      execFileSync(compiler, [...FLAGS, source, '-o', module], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  if (!compiled) {
    dispose();
    return null;
  }
  const runner = join(dirname(source), 'ntm-wasm.mjs');
  return {
    time: (batch) => (JSON.parse(execFileSync(process.execPath, [runner, module, 'time', `${batch}`, `${Math.max(15, Math.ceil(400 / batch))}`], { encoding: 'utf8' })) as { wall50: number }).wall50,
    dispose,
  };
};
