/**
 * One mutant after another, in a process of its own: the library and its laws are bundled with the mutated
 * module, which takes a tenth of a second, and the laws are run until one fails. A process that hangs or ends
 * is started again by who asked (pool.ts).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Law } from '../laws/law.js';
import type { Bench, openBench } from '../laws/bench.js';
import { mutated, type Mutant } from './mutate.js';

interface Bundled {
  readonly LAWS: Readonly<Record<string, readonly Law[]>>;
  readonly openBench: typeof openBench;
}

const ENTRY = `export { LAWS } from './spec/laws/all.ts'; export { openBench } from './spec/laws/bench.ts';`;

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
  try {
    bundled = await load(mutant);
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
  }
};

process.on('message', ({ mutant, passes }: { readonly mutant: Mutant | null; readonly passes: readonly Pass[] }) => {
  void judge(mutant, passes).then((verdict) => process.send!(verdict));
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', () => undefined);
