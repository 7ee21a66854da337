/** What is written is read again: for every format, encode and decode are the identity; and what a model's names and tasks promise. */
import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '../../src/io/safetensors.js';
import { encodeEvent, readEvents } from '../../src/io/tensorboard.js';
import { initialParameters } from '../../src/model/initialise.js';
import type { Beginning } from '../../src/model/parameters.js';
import { normalShape } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { withSlots } from '../../src/model/slots.js';
import { packParameters, unpackParameters } from '../../src/model/state-dict.js';
import { seededRng } from '../../src/random.js';
import { judge } from '../../src/tasks/judge.js';
import { lossWeights } from '../../src/tasks/sequences.js';
import { decodeCheckpoint, decodeConfiguration, decodeModel, encodeCheckpoint, encodeModel } from '../../src/training/checkpoint.js';
import { decodeState } from '../../src/training/state.js';
import { batches } from '../arbitraries/batches.js';
import { events, safetensorsFiles } from '../arbitraries/files.js';
import { checkpoints, configurations, trainingStates } from '../arbitraries/runs.js';
import { models, shapeOf } from '../arbitraries/shapes.js';
import { ensure, equal, near } from '../support/expectations.js';
import { law, type Law } from './law.js';

const right = <A>(either: E.Either<string, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left);
  return either.right;
};

const bitsOf = (data: Float32Array): Uint32Array => new Uint32Array(data.slice().buffer);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** In an order of their own: that of files and of fields means nothing. */
const ordered = (value: unknown): unknown => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, ordered(each)])) : value);
const same = (what: string, actual: unknown, expected: unknown): void => {
  const [a, b] = [JSON.stringify(ordered(actual)), JSON.stringify(ordered(expected))];
  ensure(a === b, () => `${what}: ${a} instead of ${b}`);
};

const sameFile = (actual: Safetensors, expected: Safetensors): void => {
  same('metadata', actual.metadata, expected.metadata);
  same('names', [...actual.tensors.keys()].sort(), [...expected.tensors.keys()].sort());
  for (const [name, { shape, data }] of expected.tensors) {
    same(`the shape of ${name}`, actual.tensors.get(name)!.shape, shape);
    equal(`the bits of ${name}`, bitsOf(actual.tensors.get(name)!.data), bitsOf(data));
  }
};

const shapes: fc.Arbitrary<ModelShape> = fc.tuple(models, fc.constantFrom('constant' as const, 'random' as const, 'learned' as const)).map(([model, memoryInit]) => normalShape({ ...shapeOf(model), memoryInit }));

const NONE = 'none';

export const fileLaws: readonly Law[] = [
  law({
    name: 'safetensors: decode ∘ encode is the identity, to the bits, and its data are aligned',
    draw: () => safetensorsFiles,
    holds: (file) => {
      const bytes = encodeSafetensors(file);
      sameFile(right(decodeSafetensors(bytes)), file);
      ensure(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) % 8 === 0, () => 'its header is no multiple of 8 bytes');
      equal('the bytes of what was read', encodeSafetensors(right(decodeSafetensors(bytes))), bytes);
    },
    tolerance: NONE,
  }),
  law({
    name: 'TensorBoard: readEvents ∘ encodeEvent is the identity',
    draw: () => fc.array(events, { minLength: 1, maxLength: 4 }),
    holds: (written) => {
      const read = readEvents(Uint8Array.from(written.flatMap((event) => [...encodeEvent(event)])));
      same('steps', read.map(({ step }) => step), written.map(({ step }) => step));
    },
    tolerance: NONE,
  }),
  law({
    name: 'checkpoints: decode ∘ encode is the identity, through the bytes of the file, and encoding again gives the same bytes',
    draw: () => checkpoints,
    holds: (checkpoint) => {
      const bytes = encodeSafetensors(encodeCheckpoint(checkpoint));
      const read = right(decodeCheckpoint(right(decodeSafetensors(bytes))));
      same('configuration', read.configuration, checkpoint.configuration);
      same('state', read.state, checkpoint.state);
      same('what ran it', read.ranOn ?? null, checkpoint.ranOn ?? null);
      same('arrays', Object.keys(read.arrays).sort(), Object.keys(checkpoint.arrays).sort());
      for (const [name, values] of Object.entries(checkpoint.arrays)) equal(name, bitsOf(read.arrays[name]!), bitsOf(values));
      equal('the bytes of what was read', encodeSafetensors(encodeCheckpoint(read)), bytes);
    },
    tolerance: NONE,
  }),
  law({
    name: 'configurations and training states: decode ∘ encode is the identity, through JSON',
    draw: () => fc.tuple(configurations, trainingStates),
    holds: ([{ configuration }, state]) => {
      same('configuration', right(decodeConfiguration(JSON.parse(JSON.stringify(configuration)))).configuration, configuration);
      equal('the bytes of the state', bytesOf(JSON.stringify(right(decodeState(JSON.parse(JSON.stringify(state)))))), bytesOf(JSON.stringify(state)));
    },
    tolerance: NONE,
  }),
  law({
    name: 'weights: a file tells its model, pack ∘ unpack is the identity, and every number has one place',
    draw: () => fc.tuple(shapes, fc.nat()),
    holds: ([shape, seed]) => {
      const [parameters] = initialParameters(shape, { focus: 3 })(seededRng(seed));
      const tensors = unpackParameters(shape, parameters);
      equal('packed again', packParameters(shape, ({ name }) => tensors.get(name)!.data), parameters);
      const read = right(decodeModel(right(decodeSafetensors(encodeSafetensors(encodeModel({ shape, parameters }))))));
      same('shape', read.shape, shape);
      equal('parameters', bitsOf(read.parameters), bitsOf(parameters));
      const counted = packParameters(shape, ({ name }) => tensors.get(name)!.data.map((_, i) => i + 1));
      same('numbers that have a place', counted.filter((v) => v > 0).length, [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0));
    },
    tolerance: NONE,
  }),
  law({
    name: 'a model with more slots keeps all else as it was; its new slots hold the mean of the others, in one place of the ring',
    draw: () => fc.tuple(shapes.filter(({ controller }) => controller !== 'none'), fc.nat(), fc.integer({ min: 1, max: 9 })),
    holds: ([shape, seed, more]) => {
      const { slots: N, width: M } = shape;
      const before = { shape, parameters: initialParameters(shape, { focus: 3 })(seededRng(seed))[0] };
      const after = right(withSlots(before, N + more));
      same('slots', after.shape, { ...shape, slots: N + more });
      const [old, now] = [before, after].map((model) => unpackParameters(model.shape, model.parameters)) as [ReturnType<typeof unpackParameters>, ReturnType<typeof unpackParameters>];
      for (const [name, { data }] of old) {
        const found = now.get(name)!.data;
        if (name === 'memory.initial_state') {
          const mean = Array.from({ length: M }, (_, m) => data.reduce((sum, v, i) => (i % M === m ? sum + v : sum), 0) / N);
          const at = Array.from({ length: N + 1 }, (_, n) => n).find((n) => Array.from({ length: more }, (_slot, j) => mean.every((v, m) => Math.abs(found[(n + j) * M + m]! - v) < 1e-6)).every(Boolean));
          ensure(at !== undefined, () => 'no slots hold the mean');
          equal(name, [...found.slice(0, at! * M), ...found.slice((at! + more) * M)], data);
        } else if (!name.endsWith('._initial_state')) equal(name, found, data);
      }
    },
    tolerance: '1e-6 of a mean',
  }),
  law({
    name: 'initial weights of recurrent layers are the seed’s U(±5/√(I + R·M + H)), of several layers or a GRU PyTorch’s U(±1/√H); their biases are 0, their states N(0, 0.05)',
    draw: () => fc.tuple(shapes.filter(({ controller }) => controller !== 'feed-forward'), fc.nat()),
    holds: ([shape, seed]) => {
      const { controller, inputs: I, hidden: H, layers: L, readHeads: R, width: M } = shape;
      const bound = controller === 'gru' || L > 1 ? 1 / Math.sqrt(H) : 5 / Math.sqrt(I + R * M + H);
      for (const [name, { data }] of unpackParameters(shape, initialParameters(shape)(seededRng(seed))[0])) {
        if (/_controller\.layer\.bias/.test(name)) equal(name, data, new Float32Array(data.length));
        if (/_state$/.test(name) && name.startsWith('controller')) ensure(data.every((v) => v !== 0 && Math.abs(v) < 0.5), () => `${name}: not drawn from N(0, 0.05)`);
        if (!/_controller\.layer\.weight/.test(name)) continue;
        const most = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        ensure(most <= bound * (1 + 1e-6) && (data.length < 100 || most > 0.8 * bound), () => `${name}: ${most} of a bound of ${bound}`);
      }
    },
    tolerance: 'of 100 numbers the largest is above 0.8 of the bound but for one in 5·10⁹; ten deviations',
  }),
  law({
    name: 'initial focus, strength and advance are added to the first slot’s logit and β’s bias of every head, and to the shift’s and gate’s bias of those that write; they change nothing else',
    draw: () => fc.tuple(shapes, fc.nat(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 })),
    holds: ([shape, seed, focus, strength, advance]) => {
      const begun = (beginning: Partial<Beginning>): ReturnType<typeof unpackParameters> => unpackParameters(shape, initialParameters(shape, beginning)(seededRng(seed))[0]);
      const from = begun({});
      for (const [name, { data }] of begun({ focus, strength, advance })) {
        const added = (i: number): number => {
          if (/_head.*_initial_state$/.test(name) && i === 0) return focus;
          if (/beta_layer\.bias$/.test(name)) return strength;
          if (/write_head.*g_layer\.bias$/.test(name)) return -advance;
          return /write_head.*s_layer\.bias$/.test(name) && i + 1 === (shape.taps - 1) / 2 ? advance : 0;
        };
        near(name, data, from.get(name)!.data.map((v, i) => v + added(i)), 4e-6);
      }
    },
    tolerance: '4e-6: one unit in the last place of 40',
  }),
  law({
    name: 'initial match is the share of what a writing head adds that a reading head’s key begins with; it changes nothing else',
    draw: () => fc.tuple(shapes, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true })),
    holds: ([shape, seed, match]) => {
      const { writeHeads: W } = shape;
      const begun = (beginning: Partial<Beginning>): ReturnType<typeof unpackParameters> => unpackParameters(shape, initialParameters(shape, beginning)(seededRng(seed))[0]);
      const own = begun({});
      const writer = (r: string): string => (W === 1 ? 'write_head' : `write_heads.${Number(r) % W}`);
      for (const [name, { data }] of begun({ match })) {
        const [, , r = '0', part] = /^(read_head|read_heads\.(\d+))\.k_layer\.(weight|bias)$/.exec(name) ?? [];
        const added = part === undefined ? undefined : own.get(`${writer(r)}.a_layer.${part}`)!.data;
        near(name, data, own.get(name)!.data.map((v, i) => (added === undefined ? v : match * added[i]! + (1 - match) * v)), 1e-6);
      }
    },
    tolerance: '1e-6: two roundings of weights below 4',
  }),
  law({
    name: 'batches of every task: what counts is answered with values from 0 to 1, weights sum to 1, and the target itself has no wrong bit',
    draw: () => batches,
    holds: ({ task, batch }) => {
      const { steps, batch: size, x, target, mask } = batch;
      same('sizes', [x.length, target.length, mask.length], [steps * size * task.inputs, steps * size * task.outputs, steps * size]);
      ensure(mask.every((v) => v === 0 || v === 1) && mask.some((v) => v === 1), () => 'a mask of other numbers, or of zeros');
      ensure(target.every((v) => v >= 0 && v <= 1), () => 'a target beyond 0 and 1');
      near('the sum of all weights', [lossWeights(batch, task.outputs).reduce((sum, v) => sum + v * task.outputs, 0)], [1], 1e-5);
      const answered = judge([], { batch, outputs: target });
      same('wrong bits', answered.map(({ wrong, perfect }) => [wrong, perfect]), answered.map(() => [0, true]));
      const flipped = judge([], { batch, outputs: target.map((v) => 1 - v) });
      same('bits, all of them wrong', flipped.map(({ wrong }) => wrong), Array.from({ length: size }, (_, b) => task.outputs * mask.reduce((sum, v, row) => sum + (row % size === b ? v : 0), 0)));
    },
    tolerance: '1e-5 of a sum of up to 100 weights',
  }),
];
