/// <reference types="vite/client" />
export interface Fixture {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Map<string, { shape: number[]; data: Float32Array }>;
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

/** As data URLs, which Node and browsers read alike. */
const files = import.meta.glob<string>('../../../shared/fixtures/*.safetensors', { query: '?url&inline', import: 'default' });

/** The PyTorch fixtures beside the repository (`../shared/fixtures`), by name; none when the folder is absent. */
export const loadFixtures = (): Promise<ReadonlyArray<readonly [name: string, Fixture]>> =>
  Promise.all(
    Object.entries(files).map(async ([path, url]) => {
      const response = await fetch(await url());
      return [path.slice(path.lastIndexOf('/') + 1), parseFixture(await response.arrayBuffer())] as const;
    }),
  );
