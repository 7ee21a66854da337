/** Mutates a small checkpoint, and everything it can be written as, and counts what comes of it. */
import * as E from 'fp-ts/lib/Either.js';
import { CHECKSUM } from '../../src/io/checksum.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { encodeCheckpoint } from '../../src/training/checkpoint.js';
import { judgeMutant, mutate, readWhole, type Subject, subjectsOf } from './mutants.js';
import { freshRun } from '../../src/training/start.js';
import { goOn, settingsOf } from './tiny.js';
import { asLegacyTorch, asTorchZip } from './torch-files.js';

/** A checkpoint of a tiny model after some iterations. */
export const checkpointBytes = async (): Promise<Uint8Array> => encodeSafetensors(encodeCheckpoint({ ...(await goOn(freshRun(settingsOf(10, 1)))), ranOn: { threads: 1, backend: 'webasm' } }));

export const subjects = (checkpoint: Uint8Array): readonly Subject[] => {
  const file = decodeSafetensors(checkpoint);
  if (E.isLeft(file)) throw new Error(file.left);
  const metadata = Object.fromEntries(Object.entries(file.right.metadata).filter(([key]) => key !== CHECKSUM));
  const weights = { metadata: {}, tensors: new Map([...file.right.tensors].filter(([name]) => !name.includes('/'))) };
  return subjectsOf({ checkpoint, unsealed: encodeSafetensors({ ...file.right, metadata }), legacyTorch: asLegacyTorch(weights), zipTorch: asTorchZip(weights), settings: settingsOf(10, 1).configuration });
};

export interface Mutated {
  /** A row a reader: its name, mutants, refused, read the same, read otherwise, slowest in ms. */
  readonly rows: ReadonlyArray<readonly (string | number)[]>;
  readonly faults: readonly string[];
}

/** Judges so many mutants, spread over all readers. */
export const mutateAll = async (seed: number, mutations: number, checkpoint: Uint8Array, say: (line: string) => void = () => undefined): Promise<Mutated> => {
  const all = subjects(checkpoint);
  const rows: (string | number)[][] = [];
  const faults: string[] = [];
  for (const [k, subject] of all.entries()) {
    const count = Math.floor(mutations / all.length) + (k < mutations % all.length ? 1 : 0);
    const outcomes = { refused: 0, 'read the same': 0, 'read otherwise': 0 };
    const whole = readWhole(subject);
    let slowest = 0;
    for (let i = 0; i < count; i++) {
      const each = seed * 1_000_000 + k * 100_000 + i;
      const mutant = mutate(subject.bytes, each);
      const { outcome, milliseconds, fault } = judgeMutant(subject, whole, mutant);
      outcomes[outcome]++;
      slowest = Math.max(slowest, milliseconds);
      if (fault !== null) faults.push(`${subject.name}, seed ${each} (${mutant.how}): ${fault}`);
    }
    rows.push([subject.name, count, outcomes.refused, outcomes['read the same'], outcomes['read otherwise'], slowest.toFixed(0)]);
    say(`${subject.name}: ${count} mutants, ${faults.length} faults`);
    await new Promise(setImmediate);
  }
  return { rows, faults };
};
