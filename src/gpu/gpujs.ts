/**
 * The only module that imports gpu.js at run time.
 *
 * gpu.js's own typings stop at the public kernel call. Four of its exported classes are extended or
 * driven by this folder (the WebAssembly code generator and kernel, the WebGPU kernel, and the GL textures), so the
 * few members that are used are declared here, once. The version is pinned in package.json because
 * of them, and spec/gpu/lanes.spec.ts fails when one of them changes.
 */
import gpujs from 'gpu.js';

export interface AstNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Emits one WebAssembly function; every method returns the emitter. */
export interface Emitter {
  addLocal(type: 'i32' | 'f32' | 'v128'): number;
  localGet(index: number): Emitter;
  localSet(index: number): Emitter;
  globalGet(index: number): Emitter;
  i32Const(value: number): Emitter;
  f32Const(value: number): Emitter;
  f32Load(offset: number): Emitter;
  v128Load(offset: number, alignment: number): Emitter;
  v128ConstI32x4(a: number, b: number, c: number, d: number): Emitter;
  v128ConstF32x4(a: number, b: number, c: number, d: number): Emitter;
  [operation: string]: (...parameters: never[]) => Emitter | number;
}

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
  readonly FunctionBuilder: { fromKernel(kernel: unknown, nodeType: unknown): { traceFunctionCalls(name: string, known: string[]): string[]; getKernelResultType(): string; functionMap: Record<string, { usedMathImports: Set<string> }> } };
  readonly WebAssemblyKernel: (new (...parameters: never[]) => WasmKernelInstance) & { dispatchSpans: unknown };
  readonly WebAssemblyFunctionNode: new (...parameters: never[]) => WasmFunctionNode;
  readonly FunctionNode: new (source: string, settings: { isRootKernel: true; output: readonly number[] }) => { traceFunctionAST(ast: AstNode): void; getJsAST(): AstNode };
  readonly WebGPUKernel: new (...parameters: never[]) => { assembleWGSL(): string };
}

/** The members of gpu.js's WebAssembly code generator that lanes.ts overrides or calls. */
export declare class WasmFunctionNode {
  em: Emitter;
  vec: boolean;
  vMaskDepth: number;
  locals: Map<string, { kind: string; index: number; wtype: string; gtype: string }>;
  assembler: { layout: ModuleLayout; globals: Record<string, number> } | null;
  vInfo: { exprVarying(node: unknown): boolean };
  emitIndex(node: AstNode): void;
  emitFlatLoad(table: 'arrays' | 'constantArrays', name: string, x: AstNode, y: AstNode | undefined, z: AstNode | undefined, node: AstNode): string;
  vGather(table: 'arrays' | 'constantArrays', name: string, x: AstNode, y: AstNode | undefined, z: AstNode | undefined, node: AstNode): string;
  emitMathCall(name: string, node: AstNode): string;
  vMathCall(name: string, node: AstNode): string;
  stmtFor(node: AstNode): void;
  vstmtFor(node: AstNode): void;
  stmtVariableDeclaration(node: AstNode): void;
  exprMember(node: AstNode): string;
  vexprMember(node: AstNode): string;
  statement(node: AstNode): void;
  vstatement(node: AstNode): void;
  emitFunction(assembler: unknown): unknown;
  emitVectorFunction(assembler: unknown): unknown;
  emitByType(node: AstNode, wanted: 'f32' | 'i32'): string;
  vEmitByType(node: AstNode, wanted: 'vf32' | 'vi32'): string;
  getDeclaration(node: AstNode): { valueType: string };
  setScalarLocal(name: string, type: string, gpuType: string, emit: () => void): void;
  expression(node: AstNode): string;
  coerce(from: string, to: string): string;
}

/** Constants are sizes: declared as integers, so that no backend computes indices in floats. */
export const integers = (constants: Readonly<Record<string, number>>): Record<string, 'Integer'> => Object.fromEntries(Object.keys(constants).map((name) => [name, 'Integer']));

export const { GPU, Input, FunctionBuilder, FunctionNode, WebAssemblyKernel, WebAssemblyFunctionNode, WebGPUKernel } = gpujs as unknown as Exports;
