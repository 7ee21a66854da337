/** src/model/optimiser.ts: one step from any state, of an array of H rows. */
import { optimiserArrays, type OptimiserKind, recordOptimiser, type OptimiserSettings, settingsArray } from '../../src/model/optimiser.js';
import type { Recorder } from '../../src/program/graph.js';
import { numbers } from '../arbitraries/numbers.js';
import { type OptimiserState, optimiserStep } from '../oracle/optimiser.js';
import { forward } from '../support/tolerances.js';
import type { Operation, Sizes, Values } from './operation.js';

const STEP = 3;
const SETTINGS: OptimiserSettings = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-4, clip: 0.2, maxNorm: 3, averaging: 0.15, stepLimit: 0.5, weightDecay: 0.3 };

/** The program's arrays by the oracle's names. */
const ARRAYS = { parameter: 'parameters', square: 'square average', momentum: 'momentum', mean: 'mean', average: 'averages' } as const satisfies Readonly<Record<keyof OptimiserState, string>>;

const namesOf = (kind: OptimiserKind) => (Object.keys(ARRAYS) as ReadonlyArray<keyof OptimiserState>).filter((name) => name === 'parameter' || optimiserArrays(kind).includes(ARRAYS[name]));

/** The program's singles from the oracle's state. */
export const singlesOf = (kind: OptimiserKind, state: Values): Values => Object.fromEntries(namesOf(kind).map((name) => [ARRAYS[name], state[name]]));

/** What each array of the state, of numbers from −1 to 1 that a step may cancel, became beside what the oracle says. */
export const compareState = (kind: OptimiserKind, actual: Values, expected: OptimiserState) => namesOf(kind).map((name) => forward(`${name} after a step`, actual[ARRAYS[name]], expected[name], 1));

export const recorded = (recorder: Recorder, kind: OptimiserKind, rows: number, width: number): void => {
  const [parameters, gradient] = [recorder.single('parameters', [rows, width], 'parameter'), recorder.single('gradient', [rows, width], 'gradient')];
  recorder.section('update');
  recordOptimiser(recorder, kind, parameters, gradient);
};

/** v is ḡ² and a variance. */
const stateOf = ({ variance, mean, ...others }: Values): Values => ({ ...others, mean, square: variance.map((v, i) => v + mean[i] * mean[i]) });

const operation = (name: string, kind: OptimiserKind): Operation => ({
  name,
  sections: ['update'],
  record: (recorder, { H, V }) => recorded(recorder, kind, H, V),
  values: ({ H, V }: Sizes) => ({
    parameter: numbers(H * V), gradient: numbers(H * V), mean: numbers(H * V, -0.5, 0.5), variance: numbers(H * V, 0.05, 1), momentum: numbers(H * V), average: numbers(H * V),
  }),
  given: ({ gradient, ...state }) => ({ singles: { ...singlesOf(kind, stateOf(state)), gradient, settings: settingsArray(SETTINGS, STEP) } }),
  compare: ({ gradient, ...state }, actual) => compareState(kind, actual, optimiserStep(kind, stateOf(state) as unknown as OptimiserState, gradient, SETTINGS, STEP)),
});

export const rmsprop = operation('RMSprop', 'rmsprop');
export const centredRmsprop = operation('centred RMSprop', 'centred-rmsprop');
export const adam = operation('Adam', 'adam');
