import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromium, CHROMIUM_FLAGS, CHROMIUM_MISSING } from './spec/support/chromium.js';
import { BackendReport } from './spec/support/report.js';
import type { Backend } from './src/gpu/backends.js';

const required = (process.env.NTM_REQUIRED_BACKENDS ?? '').split(',').filter(Boolean);
const only = (candidates: readonly Backend[]) => ({ candidates, required: candidates.filter((backend) => required.includes(backend)) });

const IN_NODE = ['cpu', 'webasm', 'headlessgl'] as const satisfies readonly Backend[];
const IN_BROWSER = ['webgl', 'webgl2', 'webgpu', 'webasm', 'cpu'] as const satisfies readonly Backend[];

if (!chromium && IN_BROWSER.some((backend) => required.includes(backend) && !IN_NODE.includes(backend as never))) throw new Error(CHROMIUM_MISSING);

const browser: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'Chromium',
    include: ['spec/operations/**/*.spec.ts', 'spec/model/**/*.spec.ts', 'spec/gpu/machine.spec.ts', 'spec/laws.spec.ts'],
    provide: only(IN_BROWSER),
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: chromium!, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium' }],
    },
  },
};

export default defineConfig({
  server: { fs: { allow: ['.', '../shared/fixtures'] } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new BackendReport(chromium ? [] : [`webgl, webgl2, webgpu: ${CHROMIUM_MISSING}`])],
    projects: [{ extends: true, test: { name: 'Node', include: ['spec/**/*.spec.ts'], pool: 'forks', provide: only(IN_NODE) } }, ...(chromium ? [browser] : [])],
  },
});
