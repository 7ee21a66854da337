/**
 * One mutant after another, in a process of its own: the laws are run until one fails. Kernels are replaced in
 * the library that is loaded, whose code stays warm; for other modules it is bundled and loaded again. A process
 * that hangs or ends is started again by who asked (run.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { kernel, type Kernel } from '../../kernels/kernel.js';
import type { Law } from '../laws/law.js';
import type { Bench, openBench } from '../laws/bench.js';
import { mutated, type Mutant } from './mutate.js';

/** What a module of kernels exports. */
type KernelModule = Readonly<Record<string, Record<string, Kernel>>>;

interface Bundled {
  readonly LAWS: Readonly<Record<string, readonly Law[]>>;
  readonly openBench: typeof openBench;
  readonly KERNELS: Readonly<Record<string, KernelModule>>;
}

const KERNEL_FILES = readdirSync('kernels').filter((name) => name !== 'kernel.ts').map((name) => `kernels/${name}`);

const ENTRY = `export { LAWS } from './spec/laws/all.ts'; export { openBench } from './spec/laws/bench.ts';
${KERNEL_FILES.map((file, i) => `import * as k${i} from './${file}';`).join('\n')}
export const KERNELS = { ${KERNEL_FILES.map((file, i) => `'${file}': k${i}`).join()} };`;

/** The laws over the library in which one module is another. */
const load = async (mutant: Mutant | null): Promise<Bundled> => {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: resolve('.'), loader: 'ts' },
    bundle: true, format: 'cjs', platform: 'node', packages: 'external', write: false, logLevel: 'silent', sourcemap: false,
    plugins: mutant === null ? [] : [{ name: 'mutant', setup: ({ onLoad }) => onLoad({ filter: new RegExp(`${mutant.file.replace(/[.]/g, '\\.')}$`) }, ({ path }) => (path === resolve(mutant.file) ? { contents: mutated(readFileSync(path, 'utf8'), mutant), loader: 'ts' } : null)) }],
  });
  const module = { exports: {} };
  new Function('require', 'module', 'exports', outputFiles[0]!.text)(createRequire(import.meta.url), module, module.exports);
  return module.exports as Bundled;
};

let warm: Promise<Bundled> | undefined;

/** The laws over the library in which a file's kernels are others, and what puts back those that were there. */
const withKernels = async (mutant: Mutant): Promise<readonly [Bundled, () => void]> => {
  const bundled = await (warm ??= load(null));
  const { code } = await transform(mutated(readFileSync(mutant.file, 'utf8'), mutant), { loader: 'ts', format: 'cjs' });
  const module = { exports: {} };
  new Function('require', 'module', code)(() => ({ kernel }), module);
  const there = Object.values(bundled.KERNELS[mutant.file]!).flatMap((kernels) => Object.values(kernels));
  const others = Object.values(module.exports as KernelModule).flatMap((kernels) => Object.values(kernels));
  const before = there.map((each) => ({ ...each }));
  // In place, since modules keep kernels from when they were loaded.
  there.forEach((each, i) => Object.assign(each, others[i]));
  return [bundled, () => there.forEach((each, i) => Object.assign(each, before[i]))];
};

export interface Pass {
  readonly backends: readonly ('cpu' | 'webasm')[];
  readonly seed: number;
  /** Share of a law's cases. */
  readonly share: number;
  readonly topics: readonly string[];
}

export interface Verdict {
  /** The law that does not hold, or how the mutant failed else; null where all laws hold. */
  readonly by: string | null;
  readonly fault?: string;
}

/** Failures so far by law: what killed most is asked first; to begin with, what is called as the file is. */
const kills = new Map<string, number>();

/** `cross-entropy`, `heads` as they stand in names of laws. */
const wordOf = (file: string): string => file.replace(/^.*\/|\.ts$/g, '').replace(/s$/, '');

const judge = async (mutant: Mutant | null, passes: readonly Pass[]): Promise<Verdict> => {
  let bundled: Bundled;
  let restore = (): void => undefined;
  try {
    if (mutant !== null && KERNEL_FILES.includes(mutant.file)) [bundled, restore] = await withKernels(mutant);
    else bundled = await load(mutant);
  } catch (error) {
    return { by: 'it does not load', fault: String(error).split('\n')[0]! };
  }
  const key = (law: string): string => `${mutant?.file} ${law}`;
  const benches = new Map<string, Bench>();
  try {
    for (const { backends, seed, share, topics } of passes) {
      for (const backend of backends) {
        const bench = benches.get(backend) ?? bundled.openBench(backend);
        benches.set(backend, bench);
        const rank = (topic: string, { name }: Law): number => (kills.get(key(name)) ?? 0) + (`${topic} ${name}`.toLowerCase().includes(wordOf(mutant?.file ?? '').toLowerCase()) ? 0.5 : 0);
        const laws = topics.flatMap((topic) => (bundled.LAWS[topic] ?? []).map((law) => ({ law, rank: rank(topic, law) }))).sort((a, b) => b.rank - a.rank);
        for (const { law } of laws) {
          const fault = await law.fault(bench, { seed, cases: Math.max(1, Math.ceil(law.cases * share)), hasty: true });
          if (fault === null) continue;
          kills.set(key(law.name), (kills.get(key(law.name)) ?? 0) + 1);
          return { by: law.name, fault: fault.message.slice(0, 300) };
        }
      }
    }
    return { by: null };
  } catch (error) {
    return { by: 'it fails', fault: String(error).slice(0, 300) };
  } finally {
    for (const bench of benches.values()) await bench.dispose().catch(() => undefined);
    restore();
  }
};

process.on('message', ({ mutant, passes }: { readonly mutant: Mutant | null; readonly passes: readonly Pass[] }) => {
  void judge(mutant, passes).then((verdict) => process.send!(verdict));
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', () => undefined);
