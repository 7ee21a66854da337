/** src/model/heads.ts: from h to the heads' parameters by one linear layer, and back. */
import { type Column, columnsOf, headsBackward, headsForward, type HeadTensors } from '../../src/model/heads.js';
import { numbers } from '../arbitraries/numbers.js';
import { activation, linear, softmax } from '../oracle/operations.js';
import { backward, type Comparison, forward } from '../support/tolerances.js';
import { beside, columns, largest, transposed } from '../support/values.js';
import { modelShape, type Operation, type Sizes, type Values } from './operation.js';

const columnsAt = (sizes: Sizes): readonly Column[] => columnsOf(modelShape(sizes));
const widthOf = (sizes: Sizes): number => columnsAt(sizes).reduce((sum, { heads, size }) => sum + heads * size, 0);

/** The parameters of one kind from their part of the row [batch, heads · size], and dz. */
const oracle = ({ name, heads, size }: Column, z: Float64Array, batch: number): { readonly out: Float64Array; readonly back: (d: ArrayLike<number>) => ArrayLike<number> } => {
  if (name === 's') {
    const { out, gradients } = softmax({ x: z }, { B: batch * heads, N: size });
    return { out, back: (d) => gradients(d).dx };
  }
  if (name === 'k' || name === 'a') return { out: z, back: (d) => d };
  const { out, gradients } = activation(name === 'e' || name === 'g' ? 'sigmoid' : 'softplus', { x: z });
  return { out: name === 'gamma' ? out.map((v) => v + 1) : out, back: (d) => gradients(d).dx };
};

/** W [H+1, columns] as the oracle's weight and bias. */
const layerOf = ({ w }: Values, { H }: Sizes, X: number) => {
  const rows = transposed(w, H + 1, X);
  return { weight: columns(rows, X, 0, H), bias: columns(rows, X, H, 1) };
};

export const heads: Operation = {
  name: 'head parameters',
  record: (recorder, sizes) => {
    const model = modelShape(sizes);
    const [w, h] = [recorder.single('w', [sizes.H + 1, widthOf(sizes)], 'parameter'), recorder.input('h', [sizes.H])];
    const d = Object.fromEntries(columnsOf(model).map(({ name, shape }) => [name, recorder.input(`d${name}`, shape)])) as unknown as HeadTensors;
    recorder.section('forward');
    const { out, saved } = headsForward(recorder, model, w, h);
    for (const { name } of columnsOf(model)) recorder.expose(name, out[name]);
    const { dh, dRow } = headsBackward(recorder, saved, d);
    recorder.expose('dh', dh);
    recorder.expose('dRow', dRow);
  },
  values: (sizes) => ({
    w: numbers((sizes.H + 1) * widthOf(sizes), -3 / Math.sqrt(sizes.H), 3 / Math.sqrt(sizes.H)),
    h: numbers(sizes.batch * sizes.H),
    ...Object.fromEntries(columnsAt(sizes).map(({ name, heads: count, size }) => [`d${name}`, numbers(sizes.batch * count * size)])),
  }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: (values, actual, sizes) => {
    const { batch, H } = sizes;
    const X = widthOf(sizes);
    const layer = linear({ x: values.h, ...layerOf(values, sizes, X) }, { B: batch, C: H, R: X });
    const parts = columnsAt(sizes).map((column) => {
      const { out, back } = oracle(column, columns(layer.out, batch, column.at, column.heads * column.size), batch);
      return { column, out, dz: back(values[`d${column.name}`]) };
    });
    const dRow = beside(batch, ...parts.map(({ dz }) => dz));
    return [
      ...parts.map(({ column: { name }, out }): Comparison => forward(name, actual[name], out, name === 'beta' ? 1 : name === 's' ? 1e-30 : largest(values.w))), // log(1 + e) of a small e is as exact as 1 + e; exp ends at e⁻⁸⁷; products may cancel
      backward('d of the row', actual.dRow, dRow),
      backward('dh', actual.dh, layer.gradients(dRow).dx, largest(values.w) * largest(dRow)),
    ];
  },
};
