/**
 * The backends of GPU.js: which of them this machine has, what each runs on, and how to get the
 * missing ones; and the machine that runs a program on one of them.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Program } from '../program/graph.js';
import type { Machine } from '../program/machine.js';
import { fusedMachine } from './fused.js';
import { GPU, type GpuInstance } from './gpujs.js';
import { stepwiseMachine } from './stepwise.js';

export const BACKENDS = ['headlessgl', 'webgl', 'webgl2', 'webgpu', 'webasm', 'cpu'] as const;
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
  headlessgl: 'no OpenGL context: no X display? run under "xvfb-run -a" (package xvfb, with libgl1-mesa-dri), or check that npm installed the optional package gl',
  webgl: 'runs in a browser only',
  webgl2: 'runs in a browser only',
  webgpu: 'no WebGPU adapter: needs a browser with WebGPU, or Dawn for Node (package webgpu) and a driver',
  webasm: 'this JavaScript engine has no WebAssembly',
  cpu: '',
};

const SOFTWARE = /llvmpipe|softpipe|swiftshader|swrast|software/i;

const unavailable = (backend: Backend, detail = ''): BackendError => ({ _tag: 'BackendError', backend, message: `--backend ${backend}: ${REMEDIES[backend]}${detail && ` (${detail})`}` });

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

/** Opens the backend once, runs one cell on it and closes it again. */
const open = (backend: Exclude<Backend, 'webasm' | 'cpu'>): TE.TaskEither<BackendError, Available> =>
  TE.tryCatch(
    async () => {
      const gpu = new GPU({ mode: backend });
      try {
        const run = gpu.createKernel('function () { return 2; }', { output: [1] });
        const result = (await run()) as ArrayLike<number>;
        if (result[0] !== 2) throw new Error(`a kernel returned ${result[0]} for 2`);
        const context = (run.kernel as unknown as { context: GlContext | null }).context;
        const renderer = backend === 'webgpu' || !context?.getParameter ? backend : rendererOf(gpu, context);
        return { backend, renderer, software: SOFTWARE.test(renderer) };
      } finally {
        await gpu.destroy();
      }
    },
    (error) => unavailable(backend, error instanceof Error ? error.message.split('\n')[0] : String(error)),
  );

const displayMissing = (): boolean => {
  const host = (globalThis as { process?: { platform?: string; env?: Readonly<Record<string, string | undefined>> } }).process;
  return host?.platform === 'linux' && !host.env?.DISPLAY;
};

/** What a backend runs on here, or why it does not. */
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
      return GPU.isWebGPUSupported ? open(backend) : TE.left(unavailable(backend));
  }
};

export interface MachineOptions {
  readonly batch: number;
  /** Steps that a run usually has at most; longer runs work, after building anew. */
  readonly capacity: number;
  readonly profiling?: boolean;
}

/** A machine for a program on a backend that {@link probe} found. */
export const openMachine = (backend: Backend, program: Program, options: MachineOptions): TE.TaskEither<BackendError, Machine> =>
  TE.tryCatch(
    async () => (backend === 'webasm' ? fusedMachine(program, options) : stepwiseMachine(program, new GPU({ mode: backend }), options)),
    (error) => unavailable(backend, error instanceof Error ? error.message : String(error)),
  );

export interface Choice extends Available {
  /** Why this one, in words for the log. */
  readonly reason: string;
}

/**
 * The backend asked for, or for `auto` the fastest: webasm, unless a card is there on which `measure`
 * (milliseconds of one training iteration) says it is slower.
 */
export const chooseBackend = (wanted: Backend | 'auto', measure: (backend: Backend) => Promise<number>): TE.TaskEither<BackendError, Choice> => {
  if (wanted !== 'auto') return TE.map((found: Available) => ({ ...found, reason: 'asked for' }))(probe(wanted));
  return TE.tryCatch(
    async () => {
      const candidates: Available[] = [];
      const software: Available[] = [];
      for (const backend of ['headlessgl', 'webgl2', 'webgpu'] as const) {
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
    (error) => unavailable('webasm', String(error)),
  );
};
