/**
 * GPU.js's WebAssembly backend computes four neighbouring cells at once (f32x4), but version 2.24
 * loads their operands one by one, keeps loop counters as floats and calls out to JavaScript for
 * exp and log. `LaneKernel` is that backend with four things changed in its code generator; kernels
 * stay plain GPU.js kernels:
 *
 * 1. `a[…][u + this.thread.x]` with u the same in all four lanes is one `v128.load`;
 * 2. counters of for loops are integers;
 * 3. a literal added to an index moves into the load's constant offset, so that the address is
 *    shared by the loads of an unrolled loop;
 * 4. exp and log are computed in the lanes (Cephes' single-precision polynomials, error below 2
 *    units in the last place on normal numbers; exp is clamped to the finite range, NaN stays NaN).
 */
import { type AstNode, type Emitter, FunctionBuilder, WebAssemblyFunctionNode, WebAssemblyKernel } from './gpujs.js';

interface IndexParts {
  /** Summands that vary from call to call, the same in all lanes. */
  readonly uniform: readonly AstNode[];
  /** Whether this.thread.x is one of the summands. */
  readonly lane: boolean;
  /** Sum of the literals. */
  readonly literal: number;
}

const isThreadX = (node: AstNode): boolean => {
  const object = node.object as AstNode | undefined;
  return (
    node.type === 'MemberExpression' &&
    (node.property as AstNode).name === 'x' &&
    object?.type === 'MemberExpression' &&
    (object.property as AstNode).name === 'thread'
  );
};

/** Splits the sum that an index is into its summands. */
const parts = (node: AstNode | undefined): IndexParts => {
  if (node === undefined) return { uniform: [], lane: false, literal: 0 };
  if (node.type === 'Literal' && Number.isInteger(node.value) && (node.value as number) >= 0) {
    return { uniform: [], lane: false, literal: node.value as number };
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const left = parts(node.left as AstNode);
    const right = parts(node.right as AstNode);
    if (!(left.lane && right.lane)) {
      return { uniform: [...left.uniform, ...right.uniform], lane: left.lane || right.lane, literal: left.literal + right.literal };
    }
  }
  return isThreadX(node) ? { uniform: [], lane: true, literal: 0 } : { uniform: [node], lane: false, literal: 0 };
};

type Instructions = Readonly<Record<'add' | 'sub' | 'mul' | 'min' | 'max' | 'nearest' | 'truncate' | 'convert' | 'iadd' | 'shl' | 'shr' | 'iand' | 'ior' | 'lt' | 'asFloat' | 'asInt', string>>;

const SCALAR: Instructions = {
  add: 'f32Add', sub: 'f32Sub', mul: 'f32Mul', min: 'f32Min', max: 'f32Max', nearest: 'f32Nearest',
  truncate: 'i32TruncSatF32S', convert: 'f32ConvertI32S', iadd: 'i32Add', shl: 'i32Shl', shr: 'i32ShrU',
  iand: 'i32And', ior: 'i32Or', lt: 'f32Lt', asFloat: 'f32ReinterpretI32', asInt: 'i32ReinterpretF32',
};
const VECTOR: Instructions = {
  add: 'f32x4Add', sub: 'f32x4Sub', mul: 'f32x4Mul', min: 'f32x4Min', max: 'f32x4Max', nearest: 'f32x4Nearest',
  truncate: 'i32x4TruncSatF32x4S', convert: 'f32x4ConvertI32x4S', iadd: 'i32x4Add', shl: 'i32x4Shl', shr: 'i32x4ShrU',
  iand: 'v128And', ior: 'v128Or', lt: 'f32x4Lt', asFloat: '', asInt: '',
};

const call = (em: Emitter, name: string): void => {
  if (name !== '') (em[name] as () => Emitter)();
};

/** One polynomial emitter for a single lane and for four: only the instruction names differ. */
const arithmetic = (em: Emitter, vector: boolean) => {
  const names = vector ? VECTOR : SCALAR;
  const op = (...list: ReadonlyArray<keyof Instructions>): void => list.forEach((name) => call(em, names[name]));
  const float = (value: number): void => void (vector ? em.v128ConstF32x4(value, value, value, value) : em.f32Const(value));
  const int = (value: number): void => void (vector ? em.v128ConstI32x4(value, value, value, value) : em.i32Const(value));
  const local = (type: 'float' | 'int'): number => em.addLocal(vector ? 'v128' : type === 'float' ? 'f32' : 'i32');
  /** Horner's scheme in the local x; the value is left on the stack. */
  const polynomial = (x: number, coefficients: readonly number[]): void => {
    float(coefficients[0]!);
    for (const c of coefficients.slice(1)) {
      em.localGet(x);
      op('mul');
      float(c);
      op('add');
    }
  };
  return { op, float, int, local, polynomial };
};

/** exp(x) = 2^n · exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. Takes x from the stack. */
const emitExp = (em: Emitter, vector: boolean): void => {
  const { op, float, local, polynomial } = arithmetic(em, vector);
  const [x, n, r] = [local('float'), local('float'), local('float')];
  float(-87.3);
  op('max');
  float(88.3);
  op('min');
  em.localSet(x).localGet(x);
  float(Math.LOG2E);
  op('mul', 'nearest');
  em.localSet(n).localGet(x).localGet(n);
  float(0.693359375);
  op('mul', 'sub');
  em.localGet(n);
  float(-2.12194440e-4);
  op('mul', 'sub');
  em.localSet(r);
  polynomial(r, [1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]);
  em.localGet(r).localGet(r);
  op('mul', 'mul');
  em.localGet(r);
  op('add');
  float(1);
  op('add');
  em.localGet(n);
  op('truncate');
  if (vector) em.v128ConstI32x4(127, 127, 127, 127);
  else em.i32Const(127);
  op('iadd');
  em.i32Const(23);
  op('shl', 'asFloat', 'mul');
};

/** log(x) = e·ln 2 + log(m), m in [√½, √2). Takes a positive x from the stack. */
const emitLog = (em: Emitter, vector: boolean): void => {
  const { op, float, int, local, polynomial } = arithmetic(em, vector);
  const [x, bits, e, f] = [local('float'), local('int'), local('float'), local('float')];
  em.localSet(x).localGet(x);
  op('asInt');
  // Adding 1 − √½ to the exponent field carries into it exactly when the mantissa is above √2.
  int(0x3f800000 - 0x3f3504f3);
  op('iadd');
  em.localSet(bits).localGet(bits);
  em.i32Const(23);
  op('shr');
  int(-127);
  op('iadd', 'convert');
  em.localSet(e).localGet(bits);
  int(0x007fffff);
  op('iand');
  int(0x3f3504f3);
  op('iadd', 'asFloat');
  float(1);
  op('sub');
  em.localSet(f);
  polynomial(f, [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1]);
  em.localGet(f);
  op('mul');
  em.localGet(f).localGet(f);
  op('mul', 'mul');
  em.localGet(e);
  float(-2.12194440e-4);
  op('mul', 'add');
  em.localGet(f).localGet(f);
  op('mul');
  float(0.5);
  op('mul', 'sub');
  em.localGet(f);
  op('add');
  em.localGet(e);
  float(0.693359375);
  op('mul', 'add');
  // x − x is 0, or NaN when x is: the bit tricks above would hide it.
  em.localGet(x).localGet(x);
  op('sub', 'add');
};

class LaneFunctionNode extends WebAssemblyFunctionNode {
  private threads: { readonly em: Emitter; readonly locals: Readonly<Record<string, number>> } | null = null;
  private counters = new Set<AstNode>();

  /** Reads the thread's globals into locals once per function. */
  private thread(name: 'x' | 'y' | 'z'): void {
    if (this.threads?.em === this.em) this.em.localGet(this.threads.locals[name]!);
    else this.em.globalGet(this.assembler ? this.assembler.globals[`thread${name.toUpperCase()}`]! : 0);
  }

  private openFunction(): void {
    if (!this.assembler || this.threads?.em === this.em) return;
    const { em } = this;
    const locals = Object.fromEntries(
      (['x', 'y', 'z'] as const).map((name) => {
        const index = em.addLocal('i32');
        em.globalGet(this.assembler!.globals[`thread${name.toUpperCase()}`]!).localSet(index);
        return [name, index];
      }),
    );
    this.threads = { em, locals };
  }

  override statement(node: AstNode): void {
    this.openFunction();
    super.statement(node);
  }

  override vstatement(node: AstNode): void {
    this.openFunction();
    super.vstatement(node);
  }

  override exprMember(node: AstNode): string {
    const object = node.object as AstNode;
    if (object.type === 'MemberExpression' && (object.property as AstNode).name === 'thread') {
      this.thread((node.property as AstNode).name as 'x' | 'y' | 'z');
      return 'i32';
    }
    return super.exprMember(node);
  }

  override vexprMember(node: AstNode): string {
    if (isThreadX(node)) {
      this.thread('x');
      call(this.em, 'i32x4Splat');
      this.em.v128ConstI32x4(0, 1, 2, 3);
      call(this.em, 'i32x4Add');
      return 'vi32';
    }
    return super.vexprMember(node);
  }

  override stmtFor(node: AstNode): void {
    if (node.init) this.counters.add(node.init as AstNode);
    super.stmtFor(node);
  }

  override vstmtFor(node: AstNode): void {
    if (node.init) this.counters.add(node.init as AstNode);
    super.vstmtFor(node);
  }

  override stmtVariableDeclaration(node: AstNode): void {
    const declarations = node.declarations as readonly AstNode[];
    const isCounter = [...this.counters].some((init) => init.type === 'VariableDeclaration' && (init.declarations as readonly AstNode[])[0] === declarations[0]);
    if (!isCounter) return super.stmtVariableDeclaration(node);
    for (const { id, init } of declarations as unknown as ReadonlyArray<{ id: AstNode; init: AstNode }>) {
      this.getDeclaration(id).valueType = 'Integer';
      this.setScalarLocal(id.name as string, 'i32', 'Integer', () => {
        if (init.type === 'Literal') this.em.i32Const(init.value as number);
        else this.coerce(this.expression(init), 'i32');
      });
    }
  }

  /** Pushes the byte address of a load without its constant part, and returns that part in bytes. */
  private address(table: 'arrays' | 'constantArrays', name: string, indices: readonly IndexParts[]): number {
    const { em } = this;
    const layout = this.assembler!.layout[table][name]!;
    const strides = [1, layout.dims[0]!, layout.dims[0]! * layout.dims[1]!];
    let pushed = false;
    let literal = 0;
    indices.forEach(({ uniform, lane, literal: constant }, axis) => {
      literal += constant * strides[axis]!;
      const add = (emit: () => void): void => {
        emit();
        if (axis > 0) {
          em.i32Const(strides[axis]!);
          call(em, 'i32Mul');
        }
        if (pushed) call(em, 'i32Add');
        pushed = true;
      };
      for (const summand of uniform) add(() => this.emitIndex(summand));
      if (lane) add(() => this.thread('x'));
    });
    if (!pushed) em.i32Const(0);
    em.i32Const(2);
    call(em, 'i32Shl');
    return layout.offset + 4 * literal;
  }

  override emitFlatLoad(table: 'arrays' | 'constantArrays', name: string, x: AstNode, y: AstNode | undefined, z: AstNode | undefined, node: AstNode): string {
    if (!this.assembler?.layout[table][name] || (this.vec && this.vMaskDepth > 0)) return super.emitFlatLoad(table, name, x, y, z, node);
    this.em.f32Load(this.address(table, name, [parts(x), parts(y), parts(z)]));
    return 'f32';
  }

  override vGather(table: 'arrays' | 'constantArrays', name: string, x: AstNode, y: AstNode | undefined, z: AstNode | undefined, node: AstNode): string {
    const indices = [parts(x), parts(y), parts(z)];
    const varying = indices.some(({ uniform, lane }, axis) => (lane && axis > 0) || uniform.some((summand) => this.vInfo.exprVarying(summand)));
    if (varying || !indices[0]!.lane || this.vMaskDepth > 0) return super.vGather(table, name, x, y, z, node);
    this.em.v128Load(this.address(table, name, indices), 2);
    return 'vf32';
  }

  override emitMathCall(name: string, node: AstNode): string {
    if (name !== 'exp' && name !== 'log') return super.emitMathCall(name, node);
    this.emitByType((node.arguments as readonly AstNode[])[0]!, 'f32');
    (name === 'exp' ? emitExp : emitLog)(this.em, false);
    return 'f32';
  }

  override vMathCall(name: string, node: AstNode): string {
    if (name !== 'exp' && name !== 'log') return super.vMathCall(name, node);
    this.vEmitByType((node.arguments as readonly AstNode[])[0]!, 'vf32');
    (name === 'exp' ? emitExp : emitLog)(this.em, true);
    return 'vf32';
  }
}

/** GPU.js's WebAssembly kernel, translated by {@link LaneFunctionNode}. */
export class LaneKernel extends WebAssemblyKernel {
  override translateSource(): boolean {
    const builder = FunctionBuilder.fromKernel(this, LaneFunctionNode);
    this.functionBuilder = builder;
    this.tracedFunctions = builder.traceFunctionCalls('kernel', []);
    this.returnType ??= builder.getKernelResultType();
    this.componentCount = 1;
    this.usesRandom = false;
    this.usedMathImports = new Set(this.tracedFunctions.flatMap((name) => [...(builder.functionMap[name]?.usedMathImports ?? [])]));
    return true;
  }
}
