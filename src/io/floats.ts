/** The floating-point types of weights in files, each read as float32. */
export type FloatType = 'F32' | 'F64' | 'F16' | 'BF16';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** IEEE 754's half precision: sign, 5 bits of exponent, 10 of fraction. */
const fromHalf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
};

const fromBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

/** Bytes a number, and how the number at a byte is read (little-endian). */
export const FLOAT_TYPES: Readonly<Record<FloatType, { readonly size: number; readonly read: (view: DataView, at: number) => number }>> = {
  F32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { size: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { size: 2, read: (view, at) => fromBits(view.getUint16(at, true) * 65536) },
};

/** The numbers of `bytes` as float32, which rounds float64. */
export const toFloat32 = (type: FloatType, bytes: Uint8Array): Float32Array => {
  if (type === 'F32') return new Float32Array(new Uint8Array(bytes).buffer);
  const { size, read } = FLOAT_TYPES[type];
  const view = viewOf(bytes);
  return Float32Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size));
};
