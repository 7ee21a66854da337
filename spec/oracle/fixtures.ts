import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Fixture {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Map<string, { shape: number[]; data: Float32Array }>;
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** Reads an F32 safetensors file: 8 bytes header length, JSON header, then the tensors' bytes. Knows nothing of the library's reader. */
export const loadFixture = (path: string): Fixture => {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(bytes.toString('utf8', 8, start)) as Header & { __metadata__?: never };
  const tensors = new Map(Object.entries(entries).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    if (dtype !== 'F32') throw new Error(`${path}: tensor ${name} is ${dtype}, not F32`);
    return [name, { shape, data: new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer) }] as const;
  }));
  return { metadata, tensors };
};

/** The PyTorch fixtures beside the repository (`../shared/fixtures`), sorted; none when the folder is absent. */
export const fixturePaths = (): string[] => {
  const folder = fileURLToPath(new URL('../../../shared/fixtures', import.meta.url));
  return existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.safetensors')).sort().map((f) => join(folder, f)) : [];
};
