/** The checksum that our files carry in their metadata: over all other metadata, and names, shapes and bytes of the tensors. */
import { crc32c } from './crc32c.js';
import type { Safetensors } from './safetensors.js';

export const CHECKSUM = 'checksum';

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

/** Independent of the order of the metadata's keys and of the tensors. */
const checksumOf = ({ metadata, tensors }: Safetensors): string => {
  const sorted = [...tensors].sort(byName);
  const facts = JSON.stringify([Object.entries(metadata).filter(([key]) => key !== CHECKSUM).sort(byName), sorted.map(([name, { shape }]) => [name, shape])]);
  const sum = sorted.reduce((crc, [, { data }]) => crc32c(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), crc), crc32c(new TextEncoder().encode(facts)));
  return `crc32c:${sum.toString(16).padStart(8, '0')}`;
};

/** The file with its checksum. */
export const seal = (file: Safetensors): Safetensors => ({ ...file, metadata: { ...file.metadata, [CHECKSUM]: checksumOf(file) } });

/** Whether the file carries a checksum at all. */
export const isSealed = ({ metadata }: Pick<Safetensors, 'metadata'>): boolean => metadata[CHECKSUM] !== undefined;

/** What is wrong with a file that carries a checksum; null where nothing is, or it carries none. */
export const checksumFault = (file: Safetensors): string | null =>
  !isSealed(file) || file.metadata[CHECKSUM] === checksumOf(file) ? null : 'its checksum does not fit: the file is damaged (or a program changed it and kept the old checksum in its metadata)';
