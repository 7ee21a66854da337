/**
 * The backends of GPU.js: which of them this machine has, what each runs on, and how to get the
 * missing ones; and the machine that runs a program on one of them.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checked, checkSizes } from '../program/checked.js';
import type { Program } from '../program/graph.js';
import type { Machine } from '../program/machine.js';
import { wasmMachine } from './wasm/machine.js';
import { GPU, type GpuInstance } from './gpujs.js';
import { callsMachine } from './calls/machine.js';

/** The modes of GPU.js, by which backends are named. */
export const BACKENDS = ['headlessgl', 'webgl', 'webgl2', 'webgpu', 'webasm', 'cpu'] as const;
/** What kernels run on. */
export type Backend = (typeof BACKENDS)[number];

export interface BackendError {
  readonly _tag: 'BackendError';
  readonly backend: Backend;
  /** One line: what is missing and the way out. */
  readonly message: string;
}

export interface Available {
  readonly backend: Backend;
  /** The card, or what stands in for one. */
  readonly renderer: string;
  /** Rendered by the processor. */
  readonly software: boolean;
}

const REMEDIES: Readonly<Record<Backend, string>> = {
  headlessgl: 'no OpenGL context: npm install gl@9.0.0-rc.10 (or newer) brings one along; without an X display run under "xvfb-run -a" (package xvfb, with libgl1-mesa-dri)',
  webgl: 'runs in a browser only',
  webgl2: 'runs in a browser only',
  webgpu: 'needs a browser with WebGPU, or in Node the package webgpu (Dawn), 0.3 or newer, and a Vulkan driver',
  webasm: 'this JavaScript engine has no WebAssembly',
  cpu: '',
};

interface Dawn {
  create(options: readonly string[]): unknown;
}

/**
 * Gives Node the navigator.gpu of the package webgpu (Dawn), and says what is in the way. Its native part
 * is linked against a newer C++ library than some distributions have. `name` keeps bundlers from
 * following the import.
 */
const provideWebGpu = async (name = 'webgpu'): Promise<string | null> => {
  const host = globalThis as { process?: { versions?: { node?: string } }; navigator?: { gpu?: unknown } };
  if (host.navigator?.gpu) return null;
  if (!host.process?.versions?.node) return 'this browser has no navigator.gpu';
  try {
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
    if (!host.navigator) Object.defineProperty(host, 'navigator', { value: {}, configurable: true });
    Object.defineProperty(host.navigator, 'gpu', { value: create([]), configurable: true });
    return null;
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const version = /GLIBC(XX)?_[\d.]+/.exec(line)?.[0];
    return version ? `the package webgpu cannot load: it needs ${version}, newer than the C++ library of this system` : `the package webgpu cannot load: ${line}`;
  }
};

const SOFTWARE = /llvmpipe|softpipe|swiftshader|swrast|software/i;

const unavailable = (backend: Backend, detail = ''): BackendError => ({ _tag: 'BackendError', backend, message: `--backend ${backend}: ${REMEDIES[backend]}${detail && ` (${detail})`}` });

/** The backend is there, but not for this. */
const failed = (backend: Backend, error: unknown): BackendError => ({ _tag: 'BackendError', backend, message: `--backend ${backend} could not start the model: ${error instanceof Error ? error.message : String(error)}` });

interface WebGpuContext {
  readonly adapter: { readonly info: { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string } };
}

const adapterName = ({ adapter: { info } }: WebGpuContext): string => [...new Set([info.vendor, info.architecture, info.device, info.description])].filter(Boolean).join(' ') || 'WebGPU';

interface GlContext {
  getExtension(name: string): { UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
  /** The package gl answers "ANGLE" to getParameter; this asks the driver. */
  _getParameterDirect?(name: number): unknown;
}

const GL_RENDERER = 0x1f01;

const rendererOf = (gpu: GpuInstance, context: GlContext): string => {
  if (context._getParameterDirect) return String(context._getParameterDirect(GL_RENDERER));
  const info = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : GL_RENDERER) ?? gpu.mode);
};

/** The first line of an error; gpu.js's advice about a missing WebGPU adapter is longer than that. */
const obstacle = (error: unknown): string => {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return /no adapter is available/.test(line) ? 'no adapter: no graphics driver that WebGPU can use' : line;
};

/** Opens the backend once, runs one cell on it and closes it again. */
const open = (backend: Exclude<Backend, 'webasm' | 'cpu'>): TE.TaskEither<BackendError, Available> =>
  TE.tryCatch(
    async () => {
      const gpu = new GPU({ mode: backend });
      try {
        const run = gpu.createKernel('function () { return 2; }', { output: [1] });
        const result = (await run()) as ArrayLike<number>;
        if (result[0] !== 2) throw new Error(`a kernel returned ${result[0]} for 2`);
        const { context } = run.kernel as unknown as { context: GlContext | WebGpuContext };
        const renderer = 'adapter' in context ? adapterName(context) : rendererOf(gpu, context);
        return { backend, renderer, software: SOFTWARE.test(renderer) };
      } finally {
        await gpu.destroy();
      }
    },
    (error) => unavailable(backend, obstacle(error)),
  );

const displayMissing = (): boolean => {
  const host = (globalThis as { process?: { platform?: string; env?: Readonly<Record<string, string | undefined>> } }).process;
  return host?.platform === 'linux' && !host.env?.DISPLAY;
};

/** What a backend runs on here, or why it does not. Left: what is missing, and the way out. */
export const probe = (backend: Backend): TE.TaskEither<BackendError, Available> => {
  switch (backend) {
    case 'cpu':
      return TE.right({ backend, renderer: 'plain JavaScript', software: true });
    case 'webasm':
      return GPU.isWebAssemblySupported ? TE.right({ backend, renderer: 'WebAssembly, four lanes', software: true }) : TE.left(unavailable(backend));
    case 'headlessgl':
      // Without a display the driver would write its own complaint to stderr.
      if (displayMissing()) return TE.left(unavailable(backend));
      return GPU.isHeadlessGLSupported ? open(backend) : TE.left(unavailable(backend));
    case 'webgl':
      return GPU.isWebGLSupported ? open(backend) : TE.left(unavailable(backend));
    case 'webgl2':
      return GPU.isWebGL2Supported ? open(backend) : TE.left(unavailable(backend));
    case 'webgpu':
      return async () => {
        const missing = await provideWebGpu();
        return missing === null ? open(backend)() : E.left(unavailable(backend, missing));
      };
  }
};

export interface MachineOptions {
  readonly batch: number;
  /** Steps that a run usually has at most; longer runs work, after building anew. */
  readonly capacity: number;
  /** Milliseconds: where it is given, the machine takes the time by kernel. */
  readonly clock?: () => number;
}

/** A machine for a program on a backend that {@link probe} found. Left: why it could not start. */
export const openMachine = (backend: Backend, program: Program, options: MachineOptions): TE.TaskEither<BackendError, Machine> =>
  TE.tryCatch(
    async () => {
      checkSizes(options);
      return checked(backend === 'webasm' ? wasmMachine(program, options) : await callsMachine(program, new GPU({ mode: backend }), options), program);
    },
    (error) => failed(backend, error),
  );

export interface Choice extends Available {
  /** Why this one, in words for the log. */
  readonly reason: string;
}

/**
 * The backend asked for, or for `auto` the fastest: webasm, unless a card is there on which `measure`
 * (milliseconds of one training iteration) says it is slower.
 * Left: it is not there, and the way out.
 */
export const chooseBackend = (wanted: Backend | 'auto', measure: (backend: Backend) => Promise<number>): TE.TaskEither<BackendError, Choice> => {
  if (wanted !== 'auto') return TE.map((found: Available) => ({ ...found, reason: 'asked for' }))(probe(wanted));
  return TE.tryCatch(
    async () => {
      const candidates: Available[] = [];
      const software: Available[] = [];
      // In Node, where it keeps the process running, Dawn is there for those who ask for webgpu by name.
      for (const backend of ['headlessgl', 'webgl2', ...(GPU.isWebGPUSupported ? (['webgpu'] as const) : [])] as const) {
        const found = await probe(backend)();
        if (E.isRight(found)) (found.right.software ? software : candidates).push(found.right);
      }
      const base = await probe('webasm')();
      const fallback: Available = E.isRight(base) ? base.right : { backend: 'cpu', renderer: 'plain JavaScript', software: true };
      if (candidates.length === 0) {
        return { ...fallback, reason: software.length > 0 ? `fastest here; ${software.map(({ backend, renderer }) => `${backend} is rendered in software (${renderer})`).join(', ')}` : 'fastest here; no graphics card found' };
      }
      const timed: Array<{ readonly found: Available; readonly time: number }> = [];
      for (const found of [fallback, ...candidates]) timed.push({ found, time: await measure(found.backend) });
      const best = timed.reduce((a, b) => (b.time < a.time ? b : a));
      return { ...best.found, reason: `fastest measured: ${timed.map(({ found, time }) => `${found.backend} ${time.toFixed(1)} ms`).join(', ')} an iteration` };
    },
    (error) => failed('webasm', error),
  );
};
