/// <reference types="vite/client" />
import type { OracleTensor } from './ntm.js';

export interface Fixture {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, { readonly shape: number[]; readonly data: Float32Array }>;
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** Reads an F32 safetensors file: 8 bytes header length, JSON header, then the tensors' bytes. Knows nothing of the library's reader. */
export const parseFixture = (buffer: ArrayBuffer): Fixture => {
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8))) as Header & { __metadata__?: never };
  const tensors = new Map(Object.entries(entries).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    if (dtype !== 'F32') throw new Error(`tensor ${name} is ${dtype}, not F32`);
    return [name, { shape, data: new Float32Array(buffer.slice(start + from, start + to)) }] as const;
  }));
  return { metadata, tensors };
};

/** What PyTorch was given and what it gave, over all T steps. */
export interface FixtureCase {
  readonly weights: ReadonlyMap<string, OracleTensor & { readonly data: Float32Array }>;
  readonly legacyWriteAddressing: boolean;
  readonly batch: number;
  /** [T, B, I], [T, B, V] and [T, B] */
  readonly input: Float32Array;
  readonly target: Float32Array;
  readonly mask: Float32Array;
  /** [K, B, V]: of the last K steps, those where answers count. */
  readonly outputs: Float32Array;
  readonly loss: Float32Array;
  /** [T, B, R, N] and [T, B, W, N], [B, N, M]; undefined without memory. */
  readonly readWeighting: Float32Array | undefined;
  readonly writeWeighting: Float32Array | undefined;
  readonly finalMemory: Float32Array | undefined;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Answers are the last K steps: of an answer phase that is fed zeros, or all of them. */
export const caseOf = ({ metadata, tensors }: Fixture): FixtureCase => {
  const of = (name: string) => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`the fixture lacks ${name}`);
    return found;
  };
  const under = (prefix: string) => [...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value] as const);
  const [shown, B, I] = of('io/input').shape as [number, number, number];
  const [K, , V] = of('io/target').shape as [number, number, number];
  const T = metadata['every_step'] === 'true' ? shown : shown + K;
  const over = (values: Float32Array, from: number, width: number): Float32Array => {
    const all = new Float32Array(T * B * width);
    all.set(values, from * B * width);
    return all;
  };
  return {
    weights: new Map(under('weights/')),
    legacyWriteAddressing: metadata['legacy_write_addressing'] === 'true',
    batch: B,
    input: over(of('io/input').data, 0, I),
    target: over(of('io/target').data, T - K, V),
    mask: over(new Float32Array(K * B).fill(1), T - K, 1),
    outputs: of('io/output').data,
    loss: of('io/loss').data,
    readWeighting: tensors.get('trace/read_weighting')?.data,
    writeWeighting: tensors.get('trace/write_weighting')?.data,
    finalMemory: tensors.get('trace/final_memory')?.data,
    gradients: new Map(under('grad/').map(([name, { data }]) => [name, data])),
  };
};

/** As data URLs, which Node and browsers read alike. */
const files = import.meta.glob<string>(['../fixtures/*.safetensors', '../../../shared/fixtures/*.safetensors', '../../../shared/fixtures/general/*.safetensors'], { query: '?url&inline', import: 'default' });

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The PyTorch fixtures of spec/fixtures and, where they are present, those beside the repository (`../shared/fixtures`), by name. */
export const loadFixtures = (): Promise<ReadonlyArray<readonly [name: string, Fixture]>> => {
  const byName = new Map(Object.entries(files).map(([path, url]) => [nameOf(path), url]));
  return Promise.all(
    [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(async ([name, url]) => [name, parseFixture(await (await fetch(await url())).arrayBuffer())] as const),
  );
};
