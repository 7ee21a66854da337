import { existsSync, realpathSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import * as E from 'fp-ts/lib/Either.js';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromium, CHROMIUM_FLAGS, CHROMIUM_MISSING, IN_CHROMIUM } from './spec/support/chromium.js';
import { BackendReport } from './spec/support/report.js';
import { LongestFirst } from './spec/support/schedule.js';
import { type Backend, BACKENDS, probe } from './src/gpu/backends.js';

/** Backends that must not be missing, by name. */
const required = (process.env.NTM_REQUIRED_BACKENDS ?? '').split(',').filter(Boolean);
/** What laws are drawn from (spec/laws): another seed in every run, which NTM_SEED repeats; NTM_PATH is one case of it. */
const seed = Number(process.env.NTM_SEED ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isInteger(seed)) {
  console.error(`NTM_SEED wants an integer, got ${process.env.NTM_SEED}`);
  process.exit(1);
}
process.env.NTM_SEED = String(seed);
const drawn = { seed, path: process.env.NTM_PATH ?? null, whole: process.env.NTM_WHOLE === '1' };

/** What one project tests. */
const only = (candidates: readonly Backend[]) => ({ candidates, required: candidates.filter((backend) => required.includes(backend)) });

const IN_NODE = ['cpu', 'webasm', 'headlessgl'] as const satisfies readonly Backend[];

/** Why a required backend cannot be tested, as far as Node can tell. */
const obstacle = async (name: string): Promise<string | null> => {
  const backend = BACKENDS.find((known) => known === name);
  if (!backend) return `the backends are ${BACKENDS.join(', ')}`;
  if (IN_CHROMIUM.some((each) => each === backend)) return chromium ? null : CHROMIUM_MISSING;
  const found = await probe(backend)();
  return E.isLeft(found) ? found.left.message : null;
};
for (const name of required) {
  const found = await obstacle(name);
  if (found === null) continue;
  console.error(`NTM_REQUIRED_BACKENDS names ${name}, but ${found}`);
  process.exit(1);
}

/** The same specs on GPU.js's browser backends; webasm and cpu take a tenth of its time, so they run in full too. */
const browser: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'browser',
    include: ['spec/laws/{operations,addressing,memory,activations,model,optimiser,machines}.spec.ts', 'spec/model/**/*.spec.ts', 'spec/gpu/{calls,elementary,machine}.spec.ts', 'spec/front-door/{door,refusals,steps}.spec.ts', 'spec/edges/**/*.spec.ts', 'spec/parity/**/*.spec.ts', 'spec/pictures/{figures,curves}.spec.ts'],
    provide: { ...only([...IN_CHROMIUM, 'webasm', 'cpu']), ...drawn },
    browser: {
      enabled: true,
      headless: true,
      fileParallelism: false,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: chromium!, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium', name: 'Chromium' }],
    },
  },
};

/** Beside the repository, perhaps as a link; may be missing. */
const FIXTURES = '../shared/fixtures';

export default defineConfig({
  server: { fs: { allow: ['.', existsSync(FIXTURES) ? realpathSync(FIXTURES) : FIXTURES] } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['kernels/**/*.ts', 'src/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
    expect: { poll: { timeout: 20_000 } },
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new BackendReport(seed)],
    projects: [{ extends: true, test: { name: 'Node', include: ['spec/**/*.spec.ts'], pool: 'forks', isolate: false, globalSetup: 'spec/support/bundled.ts', provide: { ...only(IN_NODE), candidates: [...IN_NODE, 'webgpu'], ...drawn } } }, ...(chromium ? [browser] : [])],
  },
});
