/**
 * The only module that imports gpu.js at run time.
 *
 * gpu.js's own typings stop at the public kernel call. Its WebAssembly and WebGPU kernels are extended by
 * this folder, so the few members that are used are declared here, once; the version is pinned in
 * package.json because of them.
 */
import gpujs from 'gpu.js';

export interface Region {
  readonly offset: number;
  readonly dims: readonly number[];
  readonly flatLength: number;
}

export interface ModuleLayout {
  readonly arrays: Record<string, Region & { readonly index: number }>;
  readonly scalars: Record<string, { readonly index: number; readonly offset: number; readonly type: string }>;
  readonly constantArrays: Record<string, Region>;
  readonly outputOffset: number;
  readonly totalBytes: number;
}

export type KernelSource = (this: never, ...inputs: never[]) => number;

export interface KernelSettings {
  readonly output: readonly number[];
  readonly constants?: Record<string, number>;
  readonly constantTypes?: Record<string, 'Integer'>;
  readonly pipeline?: boolean;
  readonly injectedNative?: string;
  readonly immutable?: boolean;
  readonly precision?: 'single';
  /** Of shaders' floats: highp. */
  readonly tactic?: 'precision';
  readonly loopMaxIterations?: number;
  readonly argumentTypes?: readonly string[];
  readonly dynamicArguments?: boolean;
}

export interface KernelRun {
  (...inputs: unknown[]): unknown;
  readonly kernel: WasmKernelInstance;
  destroy(): void;
}

export interface GpuInstance {
  readonly mode: string;
  Kernel: unknown;
  readonly context: unknown;
  createKernel(source: string, settings: KernelSettings): KernelRun;
  destroy(): Promise<void>;
}

export interface InputValue {
  readonly value: Float32Array;
  readonly size: readonly number[];
}

export interface WasmKernelInstance {
  output: number[];
  threadDim: number[];
  returnType: string | null;
  componentCount: number;
  usesRandom: boolean;
  usedMathImports: Set<string>;
  functionBuilder: unknown;
  tracedFunctions: string[];
  readonly argumentNames: readonly string[];
  setupConstants(): void;
  setupArguments(inputs: readonly unknown[]): void;
  validateSettings(inputs: readonly unknown[]): void;
  translateSource(): boolean;
  computeLayout(inputs: readonly unknown[]): Omit<ModuleLayout, 'totalBytes'>;
  _assembleModule(layout: ModuleLayout, cells: number, shared: boolean): { bytes: Uint8Array; initial: number; maximum: number };
}

interface Exports {
  readonly GPU: {
    new (settings: { mode: string; context?: unknown; canvas?: unknown }): GpuInstance;
    readonly isHeadlessGLSupported: boolean;
    readonly isWebGLSupported: boolean;
    readonly isWebGL2Supported: boolean;
    readonly isWebGPUSupported: boolean;
    readonly isWebAssemblySupported: boolean;
  };
  readonly Input: new (value: Float32Array, size: readonly number[]) => InputValue;
  readonly WebAssemblyKernel: (new (...parameters: never[]) => WasmKernelInstance) & { dispatchSpans: unknown };
  readonly WebGPUKernel: new (...parameters: never[]) => { assembleWGSL(): string };
}

/** Constants are sizes: declared as integers, so that no backend computes indices in floats. */
export const integers = (constants: Readonly<Record<string, number>>): Record<string, 'Integer'> => Object.fromEntries(Object.keys(constants).map((name) => [name, 'Integer']));

export const { GPU, Input, WebAssemblyKernel, WebGPUKernel } = gpujs as unknown as Exports;
