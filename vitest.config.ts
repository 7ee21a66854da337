import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromium, CHROMIUM_FLAGS, CHROMIUM_MISSING, IN_CHROMIUM } from './spec/support/chromium.js';
import { BackendReport } from './spec/support/report.js';
import type { Backend } from './src/gpu/backends.js';

const required = (process.env.NTM_REQUIRED_BACKENDS ?? '').split(',').filter(Boolean);
/** What one project tests. */
const only = (candidates: readonly Backend[]) => ({ candidates, required: candidates.filter((backend) => required.includes(backend)) });

const IN_NODE = ['cpu', 'webasm', 'headlessgl'] as const satisfies readonly Backend[];

const missing = chromium ? [] : IN_CHROMIUM;
if (missing.some((backend) => required.includes(backend))) {
  console.error(`NTM_REQUIRED_BACKENDS names ${missing.filter((backend) => required.includes(backend)).join(', ')}, but there is ${CHROMIUM_MISSING}`);
  process.exit(1);
}

/** The same specs on GPU.js's browser backends; webasm and cpu take a tenth of its time, so they run in full too. */
const browser: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'browser',
    include: ['spec/operations/**/*.spec.ts', 'spec/model/**/*.spec.ts', 'spec/gpu/machine.spec.ts', 'spec/laws.spec.ts', 'spec/edges/**/*.spec.ts', 'spec/parity/**/*.spec.ts'],
    provide: only([...IN_CHROMIUM, 'webasm', 'cpu']),
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: chromium!, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium', name: 'Chromium' }],
    },
  },
};

export default defineConfig({
  server: { fs: { allow: ['.', '../shared/fixtures'] } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new BackendReport(chromium ? [] : [`${IN_CHROMIUM.join(', ')}: ${CHROMIUM_MISSING}`])],
    projects: [{ extends: true, test: { name: 'Node', include: ['spec/**/*.spec.ts'], pool: 'forks', provide: { ...only(IN_NODE), candidates: [...IN_NODE, 'webgpu'] } } }, ...(chromium ? [browser] : [])],
  },
});
