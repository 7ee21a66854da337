/** WebAssembly's binary format, as far as the compiler needs it: numbers, instructions, one module a call. */

/** i i32 · b i32 as a truth · f f32 · v f32x4 · m a mask of four lanes · q i32x4. */
export type Type = 'i' | 'b' | 'f' | 'v' | 'm' | 'q';

/** A growing row of bytes. */
export interface Bytes {
  /** Those written so far. */
  readonly written: () => Uint8Array;
  readonly byte: (value: number) => void;
  readonly bytes: (values: ArrayLike<number>) => void;
  /** LEB128. */
  readonly unsigned: (value: number) => void;
  readonly signed: (value: number) => void;
  readonly float: (value: number) => void;
  readonly int: (value: number) => void;
}

const scratch = new DataView(new ArrayBuffer(4));

export const bytesOf = (): Bytes => {
  let room = new Uint8Array(64);
  let length = 0;
  const reserve = (more: number): void => {
    if (length + more <= room.length) return;
    const larger = new Uint8Array(Math.max(2 * room.length, length + more));
    larger.set(room.subarray(0, length));
    room = larger;
  };
  const byte = (value: number): void => {
    reserve(1);
    room[length++] = value;
  };
  const word = (): void => {
    for (let i = 0; i < 4; i++) byte(scratch.getUint8(i));
  };
  return {
    written: () => room.subarray(0, length),
    byte,
    bytes: (values) => {
      reserve(values.length);
      room.set(values, length);
      length += values.length;
    },
    unsigned: (value) => {
      let rest = value >>> 0;
      for (; rest > 127; rest >>>= 7) byte((rest & 127) | 128);
      byte(rest);
    },
    signed: (value) => {
      let rest = value | 0;
      for (; rest > 63 || rest < -64; rest >>= 7) byte((rest & 127) | 128);
      byte(rest & 127);
    },
    float: (value) => {
      scratch.setFloat32(0, value, true);
      word();
    },
    int: (value) => {
      scratch.setInt32(0, value, true);
      word();
    },
  };
};

const encoded = (write: (out: Bytes) => void): Uint8Array => {
  const out = bytesOf();
  write(out);
  return out.written();
};
const unsigned = (value: number): Uint8Array => encoded((out) => out.unsigned(value));

const lanes = (code: number): readonly number[] => [0xfd, ...unsigned(code)];

/** By operation and the type of its first argument. */
export const INSTRUCTIONS: Readonly<Record<string, readonly number[]>> = {
  'add i': [0x6a], 'sub i': [0x6b], 'mul i': [0x6c], 'and i': [0x71], 'ge i': [0x4e], 'lt i': [0x48],
  'and b': [0x71], 'or b': [0x72], 'not b': [0x45],
  'add f': [0x92], 'sub f': [0x93], 'mul f': [0x94], 'div f': [0x95], 'min f': [0x96], 'max f': [0x97],
  'abs f': [0x8b], 'neg f': [0x8c], 'floor f': [0x8e], 'sqrt f': [0x91],
  'lt f': [0x5d], 'gt f': [0x5e], 'le f': [0x5f], 'ge f': [0x60], 'eq f': [0x5b], 'ne f': [0x5c],
  'select f': [0x1b], 'select v': lanes(0x52), 'float i': [0xb2],
  'add v': lanes(0xe4), 'sub v': lanes(0xe5), 'mul v': lanes(0xe6), 'div v': lanes(0xe7), 'min v': lanes(0xea), 'max v': lanes(0xeb),
  'abs v': lanes(0xe0), 'neg v': lanes(0xe1), 'floor v': lanes(0x68), 'nearest v': lanes(0x6a), 'sqrt v': lanes(0xe3),
  'lt v': lanes(0x43), 'gt v': lanes(0x44), 'le v': lanes(0x45), 'ge v': lanes(0x46), 'eq v': lanes(0x41), 'ne v': lanes(0x42),
  'and m': lanes(0x4e), 'or m': lanes(0x50), 'not m': lanes(0x4d),
  'splat f': lanes(0x13), 'splat i': lanes(0x11), 'first v': [...lanes(0x1f), 0], 'float q': lanes(0xfa),
  'add q': lanes(0xae), 'sub q': lanes(0xb1), 'and q': lanes(0x4e), 'shl q': lanes(0xab), 'shr q': lanes(0xad),
  'swap halves v': [...lanes(0x0d), 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
  'swap neighbours v': [...lanes(0x0d), 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11],
};

export const CODE = {
  localGet: 0x20, localSet: 0x21, localTee: 0x22, i32Const: 0x41, f32Const: 0x43, f32Load: [0x2a], f32Store: [0x38],
  block: 0x02, loop: 0x03, branchIf: 0x0d, end: 0x0b, noResult: 0x40,
  vectorLoad: lanes(0), vectorStore: lanes(0x0b), splatLoad: lanes(0x09), laneLoad: lanes(0x56), vectorConst: lanes(0x0c),
} as const;

const TYPES: Readonly<Record<Type, number>> = { i: 0x7f, b: 0x7f, f: 0x7d, v: 0x7b, m: 0x7b, q: 0x7b };

const text = (value: string): number[] => [...unsigned(value.length), ...[...value].map((c) => c.charCodeAt(0))];

export interface FunctionCode {
  /** Types of the locals after the two parameters. */
  readonly locals: readonly Type[];
  readonly body: Uint8Array;
}

const functionType = [0x60, 2, TYPES.i, TYPES.i, 0];

const bodyOf = ({ locals, body }: FunctionCode): Uint8Array =>
  encoded((out) => {
    const types = encoded((head) => {
      head.unsigned(locals.length);
      for (const type of locals) head.bytes([1, TYPES[type]]);
    });
    out.unsigned(types.length + body.length + 1);
    out.bytes(types);
    out.bytes(body);
    out.byte(CODE.end);
  });

/** A module of functions run0(from, to), run1, … over the imported memory `env.memory`. */
export const moduleOf = (functions: readonly FunctionCode[], pages: number, maximum: number): Uint8Array<ArrayBuffer> => {
  const out = bytesOf();
  const section = (id: number, items: ReadonlyArray<ArrayLike<number>>): void => {
    const count = unsigned(items.length);
    out.byte(id);
    out.unsigned(items.reduce((sum, { length }) => sum + length, count.length));
    out.bytes(count);
    items.forEach(out.bytes);
  };
  out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(1, [functionType]);
  section(2, [[...text('env'), ...text('memory'), 2, 1, ...unsigned(pages), ...unsigned(maximum)]]);
  section(3, functions.map(() => [0]));
  section(7, functions.map((_, i) => [...text(`run${i}`), 0, ...unsigned(i)]));
  section(10, functions.map(bodyOf));
  return Uint8Array.from(out.written());
};
