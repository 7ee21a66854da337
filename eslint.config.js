import functional from 'eslint-plugin-functional';
import tseslint from 'typescript-eslint';

const forbid = (...groups) => ({ 'no-restricted-imports': ['error', { patterns: groups.map(([group, message]) => ({ group, message })) }] });

const gpu = [['gpu.js'], 'only src/gpu/gpujs.ts imports gpu.js'];
const scripts = [['**/scripts/**'], 'nothing imports scripts'];
const node = [['node:*'], 'the core runs in browsers: files and threads belong to src/io/files.ts, src/node, src/run, src/workers and scripts'];
const timeless = { 'no-restricted-globals': ['error', ...['performance', 'Date'].map((name) => ({ name, message: 'the core knows no clock: take one as an argument, or src/ntm/clock.ts at the front door' }))] };
const spec = [['**/spec/**'], 'the library does without its tests'];
const runner = [['vitest', '@fast-check/*'], 'only specs need a test runner'];
const outward = [['**/src/**', 'fp-ts/**', 'io-ts'], 'kernels import nothing but kernels/kernel.ts'];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'lab/dist', 'lab/src/service-worker.js', 'runs', 'models'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['kernels/**'], rules: forbid(gpu, scripts, spec, node, outward) },
  { files: ['src/**'], rules: forbid(gpu, scripts, spec, node) },
  { files: ['src/**'], ignores: ['src/ntm/clock.ts', 'src/run/**', 'src/workers/**'], rules: timeless },
  { files: ['src/io/files.ts', 'src/run/**', 'src/workers/**', 'src/node.ts', 'src/node/**'], rules: forbid(gpu, scripts, spec) },
  { files: ['src/gpu/gpujs.ts'], rules: forbid(scripts, spec, node) },
  { files: ['lab/src/**'], rules: forbid(gpu, scripts, spec, node, runner) },
  { files: ['spec/**'], rules: forbid(gpu, scripts) },
  // What is written from the commands’ tables is held against them.
  { files: ['spec/docs/**', 'spec/commands/complete.spec.ts'], rules: forbid(gpu) },
  // What is measured in browsers' pages too, and what runs without a test runner.
  { files: ['spec/parity/*.ts', 'spec/laws/*.ts', 'spec/arbitraries/*.ts', 'spec/operations/*.ts', 'spec/oracle/*.ts', 'spec/support/{program,tolerances,values,expectations}.ts'], ignores: ['**/*.spec.ts', 'spec/oracle/fixtures.ts', 'spec/laws/specify.ts'], rules: forbid(gpu, scripts, node, runner) },
  { files: ['scripts/**'], rules: forbid(gpu, spec) },
  // The parity table is measured against the oracle of the specs; all three open Chromium as the specs do.
  { files: ['scripts/parity.ts', 'scripts/backends.ts', 'scripts/bench-memory.ts', 'scripts/soak.ts', 'scripts/mutants.ts'], rules: forbid(gpu) },
  {
    files: ['src/model/**', 'src/tasks/**', 'src/training/**', 'src/evaluation/**', 'src/program/**'],
    plugins: { functional },
    rules: { 'functional/no-classes': 'error', 'functional/no-this-expressions': 'error', 'functional/prefer-immutable-types': 'off', 'no-param-reassign': 'error' },
  },
);
