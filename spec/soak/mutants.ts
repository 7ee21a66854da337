/** Files changed at random: every reader refuses them, or reads the same as before; it never crashes, hangs or takes much memory. */
import * as E from 'fp-ts/lib/Either.js';
import { readRecord } from '../../src/run/logs.js';
import { parseStrictly } from '../../src/io/json.js';
import { decodeLegacyTorch } from '../../src/io/legacy-torch.js';
import { decodeSafetensors, type Safetensors } from '../../src/io/safetensors.js';
import { encodeEvent, encodeVersion, readEvents } from '../../src/io/tensorboard.js';
import { decodeTorch } from '../../src/io/torch.js';
import { type Draw, random, seededRng } from '../../src/random.js';
import { decodeCheckpoint, decodeConfiguration, decodeModel } from '../../src/training/checkpoint.js';

/** What a reader makes of bytes: a text that stands for all it read, or why it refused. */
export type Reader = (bytes: Uint8Array) => E.Either<string, string>;

export interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly read: Reader;
  /** Whether a change that is read must leave what is read as it was: so with a checksum. */
  readonly sealed: boolean;
}

export interface Mutant {
  readonly how: string;
  readonly bytes: Uint8Array;
}

const splice = (bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array => {
  const changed = new Uint8Array(bytes.length - removed + inserted.length);
  changed.set(bytes.subarray(0, at));
  changed.set(inserted, at);
  changed.set(bytes.subarray(at + removed), at + inserted.length);
  return changed;
};

const WORDS = ['1e999', '-1', 'null', '"__metadata__":{},', '{}', '[[[[', '0.5', '"F64"', '"\\u0000"', '9007199254740993', 'NaN', '\u001b[2J', '}'].map((word) => new TextEncoder().encode(word));

/** Where changes hit most: the first part of a file, where lengths and names are, half of the time. */
const place = ({ integer }: Draw, length: number): number => (length === 0 ? 0 : integer(0, 1) === 0 ? integer(0, Math.min(length - 1, 4096)) : integer(0, length - 1));

const CHANGES: Readonly<Record<string, (bytes: Uint8Array, draw: Draw) => Uint8Array>> = {
  'a bit flipped': (bytes, draw) => {
    const changed = bytes.slice();
    changed[place(draw, bytes.length)]! ^= 1 << draw.integer(0, 7);
    return changed;
  },
  'some bytes replaced': (bytes, draw) => {
    const changed = bytes.slice();
    for (let i = draw.integer(1, 8); i > 0; i--) changed[place(draw, bytes.length)] = draw.integer(0, 255);
    return changed;
  },
  'cut off': (bytes, draw) => bytes.slice(0, place(draw, bytes.length)),
  'bytes removed': (bytes, draw) => {
    const at = place(draw, bytes.length);
    return splice(bytes, at, Math.min(bytes.length - at, draw.integer(1, 64)), new Uint8Array());
  },
  'bytes inserted': (bytes, draw) => splice(bytes, place(draw, bytes.length), 0, Uint8Array.from({ length: draw.integer(1, 64) }, () => draw.integer(0, 255))),
  'a word inserted': (bytes, draw) => splice(bytes, place(draw, bytes.length), 0, WORDS[draw.integer(0, WORDS.length - 1)]!),
  'a part repeated': (bytes, draw) => {
    const at = place(draw, bytes.length);
    return splice(bytes, at, 0, bytes.slice(at, at + draw.integer(1, 256)));
  },
  'a length of all ones': (bytes, draw) => {
    const changed = bytes.slice();
    const at = place(draw, bytes.length);
    changed.fill(0xff, at, at + draw.integer(1, 8));
    return changed;
  },
};

/** The mutant of a seed. */
export const mutate = (bytes: Uint8Array, seed: number): Mutant =>
  random((draw): Mutant => {
    for (let i = 0; i < 8; i++) draw.integer(0, 1);
    const names = Object.keys(CHANGES);
    const how = names[draw.integer(0, names.length - 1)]!;
    return { how, bytes: CHANGES[how]!(bytes, draw) };
  })(seededRng(Math.imul(seed, 0x9e3779b1) >>> 0))[0];

export interface Verdict {
  readonly outcome: 'refused' | 'read the same' | 'read otherwise';
  readonly milliseconds: number;
  readonly fault: string | null;
}

const SLOW_MILLISECONDS = 2000;

/** What is read of a file that was not changed. */
export const readWhole = ({ read, bytes, name }: Subject): string => {
  const original = read(bytes);
  if (E.isLeft(original)) throw new Error(`${name} itself is refused: ${original.left}`);
  return original.right;
};

/** What came of a mutant of a file of which `whole` is read, and what is wrong with that. */
export const judgeMutant = ({ read, sealed }: Subject, whole: string, mutant: Mutant): Verdict => {
  const begun = performance.now();
  try {
    const result = read(mutant.bytes);
    const milliseconds = performance.now() - begun;
    const outcome = E.isLeft(result) ? 'refused' : result.right === whole ? 'read the same' : 'read otherwise';
    const faults = [
      ...(milliseconds > SLOW_MILLISECONDS ? [`took ${milliseconds.toFixed(0)} ms`] : []),
      ...(sealed && outcome === 'read otherwise' ? ['was read, as something else'] : []),
      ...(E.isLeft(result) && (result.left.includes('\n') || result.left.length > 2000) ? ['was refused in more than one line'] : []),
    ];
    return { outcome, milliseconds, fault: faults.length > 0 ? faults.join(', ') : null };
  } catch (error) {
    return { outcome: 'refused', milliseconds: performance.now() - begun, fault: `crashed: ${(error as Error).stack ?? String(error)}` };
  }
};

const textOf = ({ metadata, tensors }: Safetensors): string => JSON.stringify([metadata, [...tensors].map(([name, { shape, data }]) => [name, shape, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')])]);

const readModel: Reader = (bytes) => {
  const file = decodeSafetensors(bytes);
  if (E.isLeft(file)) return file;
  const checkpoint = decodeCheckpoint(file.right);
  const model = decodeModel(file.right);
  if (E.isLeft(checkpoint)) return checkpoint;
  if (E.isLeft(model)) return model;
  // Without the checksum's own key, of which a mutant may have made something that is no checksum.
  return E.right(textOf({ ...file.right, metadata: { configuration: JSON.stringify(checkpoint.right.configuration), state: JSON.stringify(checkpoint.right.state), legacy: String(model.right.shape.legacyWriteAddressing) } }));
};

const readTorch = (decode: (bytes: Uint8Array) => E.Either<string, Safetensors>): Reader => (bytes) => {
  const file = decode(bytes);
  if (E.isLeft(file)) return file;
  const model = decodeModel(file.right);
  return E.isLeft(model) ? model : E.right(textOf(file.right));
};

const readSettings: Reader = (bytes) => {
  const json = parseStrictly(new TextDecoder().decode(bytes).replace(/^\ufeff/, ''));
  if (E.isLeft(json)) return json;
  const decoded = decodeConfiguration(json.right);
  return E.isLeft(decoded) ? decoded : E.right(JSON.stringify(decoded.right.configuration));
};

/** A log is repaired, not refused: what is read of it is what it keeps. */
const readMetrics: Reader = (bytes) => E.right(JSON.stringify(new TextDecoder().decode(bytes).split('\n').flatMap((line) => readRecord(line) ?? [])));
const readEventLog: Reader = (bytes) => E.right(JSON.stringify(readEvents(bytes)));

const METRICS = Array.from({ length: 8 }, (_, i) => `${JSON.stringify({ step: 100 * (i + 1), sequences: 400 * (i + 1), loss: 0.5 / (i + 1), wrong_bits: 3 / (i + 1), gradient_norm: 0.1, learning_rate: 8e-3, seconds: i + 0.5 })}\n`).join('');

export interface Files {
  /** A checkpoint with its checksum, and the same without. */
  readonly checkpoint: Uint8Array;
  readonly unsealed: Uint8Array;
  readonly legacyTorch: Uint8Array;
  readonly zipTorch: Uint8Array;
  readonly settings: object;
}

/** Every reader, with a file that it reads. */
export const subjectsOf = ({ checkpoint, unsealed, legacyTorch, zipTorch, settings }: Files): readonly Subject[] => [
  { name: 'checkpoint', bytes: checkpoint, read: readModel, sealed: true },
  { name: 'checkpoint without checksum', bytes: unsealed, read: readModel, sealed: false },
  { name: '.pt, old format', bytes: legacyTorch, read: readTorch(decodeLegacyTorch), sealed: false },
  { name: '.pt, zip', bytes: zipTorch, read: readTorch(decodeTorch), sealed: false },
  { name: 'configuration', bytes: new TextEncoder().encode(JSON.stringify(settings)), read: readSettings, sealed: false },
  { name: 'metrics.jsonl', bytes: new TextEncoder().encode(METRICS), read: readMetrics, sealed: false },
  { name: 'TensorBoard events', bytes: new Uint8Array(Buffer.concat([encodeVersion(1), ...Array.from({ length: 8 }, (_, i) => encodeEvent({ step: 100 * (i + 1), wallTime: 2 + i, scalars: { loss: 0.5, wrong_bits: 2 } }))])), read: readEventLog, sealed: false },
];
