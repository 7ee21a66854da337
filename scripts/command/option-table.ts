/** Which options the commands of a task have; `npm run docs:options` writes docs/options.md from this table. */
import { longest } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Key, optionOf } from '../../src/training/configuration.js';

/** In the order of the help. */
export const GROUPS = {
  task: 'Task',
  model: 'Model',
  training: 'Training',
  output: 'Files and output',
  machine: 'Machine',
} as const;

export type Group = keyof typeof GROUPS;

export interface OptionSpec {
  readonly kind: 'number' | 'text' | 'flag';
  readonly group: Group;
  readonly help: string;
  /** The setting's key, where the option sets one: the configuration's, or the task's own. */
  readonly key?: string;
  /** The size whose values to evaluate it lists. */
  readonly size?: string;
  /** What stands for its value in the help (N of a number, NAME of a text). */
  readonly value?: string;
  /** What it is unless given, where no setting says so. */
  readonly fallback?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Of an option that sets a setting of the run; the default is the setting's. */
const setting = (key: Key, group: Group, kind: OptionSpec['kind'], help: string): OptionSpec => ({ kind, group, key, help });

const text = (group: Group, value: string, help: string, fallback?: string): OptionSpec => ({
  kind: 'text',
  group,
  value,
  help,
  ...(fallback !== undefined && { fallback }),
});

const number = (group: Group, help: string, fallback: string): OptionSpec => ({ kind: 'number', group, help, fallback });

const flag = (group: Group, help: string): OptionSpec => ({ kind: 'flag', group, help });

/** Those of every task. */
export const OPTIONS: OptionSpecs = {
  controller: setting('controller', 'model', 'text', 'lstm, feed-forward, gru, or none: the LSTM without memory'),
  ff: flag('model', 'the same as --controller feed-forward'),
  layers: setting('layers', 'model', 'number', 'layers of a recurrent controller'),
  hidden: setting('hidden', 'model', 'number', 'controller width H'),
  memory: text('model', 'NxM', 'slots and width; with --eval also more slots than trained with'),
  'read-heads': setting('readHeads', 'model', 'number', 'heads that read'),
  'write-heads': setting('writeHeads', 'model', 'number', 'heads that write'),
  taps: setting(
    'taps',
    'model',
    'number',
    'shifts that a head can choose from, an odd number; of 3: one slot on, stay, one back',
  ),
  'memory-init': setting('memoryInit', 'model', 'text', 'how memory starts: constant, random or learned'),
  'legacy-write-addressing': setting(
    'legacyWriteAddressing',
    'model',
    'flag',
    'the write head addresses from the read head’s weighting, as the seed’s published weights want',
  ),

  preset: setting('preset', 'training', 'text', 'default; seed: the published settings of clemkoa/ntm; paper: the paper’s'),
  seed: setting('seed', 'training', 'number', 'of weights and sequences: the same seed gives the same run'),
  iterations: setting('iterations', 'training', 'number', 'at most so many iterations'),
  'until-solved': setting('untilSolved', 'training', 'flag', 'stop once held-out sequences are right; --no-until-solved goes on'),
  batch: setting('batch', 'training', 'number', 'sequences per iteration'),
  resume: flag('training', 'go on where --model stopped; exact'),
  continue: flag('training', 'begin, or go on where --model stopped, or do nothing if the run in --out has ended: for commands that may be given again'),
  'init-from': text('training', 'FILE', 'start from the weights in a file (ours, PyTorch’s or the seed’s .pt)'),
  config: text('training', 'FILE', 'JSON file of settings; options given beside it win'),
  curriculum: setting(
    'curriculum',
    'training',
    'number',
    'sizes of sequences up to this to begin with, growing as they are learnt; 0: all from the start',
  ),
  trailing: setting('trailing', 'training', 'number', 'steps past the target’s end in which to learn to answer nothing'),
  targets: setting(
    'targets',
    'training',
    'text',
    'what an answer is trained towards: drawn, what came; or expected, what the task says was to be expected (n-grams)',
  ),
  'initial-focus': setting(
    'initialFocus',
    'training',
    'number',
    'logit of the first slot in the weightings that training begins with; 0: spread evenly',
  ),
  'initial-strength': setting(
    'initialStrength',
    'training',
    'number',
    'bias of the heads’ key strength β that training begins with: above 0, they find by content sooner',
  ),
  'initial-advance': setting(
    'initialAdvance',
    'training',
    'number',
    'bias of a shift by one slot on, and against the gate, that writing heads begin with: above 0, they write slot after slot',
  ),
  'initial-match': setting(
    'initialMatch',
    'training',
    'number',
    'share of what a writing head adds that the reading heads’ keys begin with: at 1, they look for the like of what is written now',
  ),
  optimizer: setting('optimizer', 'training', 'text', 'rmsprop, centred-rmsprop or adam'),
  'learning-rate': setting('learningRate', 'training', 'number', 'step size'),
  'anneal-below': setting(
    'annealBelow',
    'training',
    'number',
    'the learning rate falls with the running loss (that above the best answers, where a task knows them) below this; 0: constant',
  ),
  'anneal-floor': setting('annealFloor', 'training', 'number', '… but not below this share of --learning-rate'),
  'square-decay': setting('squareDecay', 'training', 'number', 'RMSprop’s α, Adam’s β2'),
  momentum: setting('momentum', 'training', 'number', 'RMSprop’s momentum, Adam’s β1'),
  epsilon: setting('epsilon', 'training', 'number', 'added to the root of the square average'),
  clip: setting('clip', 'training', 'number', 'limit of each entry of the gradient; 0: none'),
  'max-norm': setting('maxNorm', 'training', 'number', 'limit of the gradient’s global norm; 0: none'),
  'step-limit': setting(
    'stepLimit',
    'training',
    'number',
    'furthest that a weight moves in one iteration, in learning rates; 0: no limit',
  ),
  'weight-decay': setting(
    'weightDecay',
    'training',
    'number',
    'what a weight loses of itself in one iteration, in learning rates; 0: nothing',
  ),
  averaging: setting(
    'averaging',
    'training',
    'number',
    'decay of the running average of the weights that is evaluated and saved; 0: none',
  ),

  model: text('output', 'FILE', 'weights to write, resume from or evaluate', 'models/TASK.safetensors'),
  out: text('output', 'DIR', 'folder of metrics and pictures', 'runs/TASK-TIME'),
  keep: number('output', 'earlier models at --model’s path that are kept, beside the best one and the last one', '3'),
  'save-every': number('output', 'seconds from one save to the next', '30'),
  eval: flag('output', 'only evaluate --model'),
  sequences: number('output', 'sequences to evaluate per cell', '100'),
  pictures: flag('output', 'draw the model, and the curves of its training (default); --no-pictures does not'),
  gif: flag('output', 'an animation of learning beside the pictures: one sequence, its target above the output'),
  json: flag('output', 'one JSON object per line on stdout, words on stderr'),
  verbose: flag('output', 'stack traces of errors'),
  help: flag('output', 'this text'),

  backend: setting('backend', 'machine', 'text', 'auto, headlessgl, webgpu, webasm or cpu'),
  workers: setting('workers', 'machine', 'number', 'threads that share a batch (webasm); 0: one for every four sequences, as far as there are cores'),
};

/** The task's own options, and for each of its sizes the list of those to evaluate. */
export const ownOptions = ({ options, least, distribution }: Task): OptionSpecs => {
  const usual = longest(distribution);
  const own = Object.entries(options).map(([key, option]): readonly [string, OptionSpec] => [
    optionOf(key).slice(2),
    { kind: 'choices' in option ? 'text' : 'number', group: 'task', key, help: option.help, fallback: String(option.default) },
  ]);
  const sizes = Object.keys(least).map((size): readonly [string, OptionSpec] => [
    optionOf(size).slice(2),
    {
      kind: 'text',
      group: 'task',
      value: 'LIST',
      size,
      help: `to evaluate, a list of ${size}: ${usual[size]},${2 * usual[size]!},…`,
    },
  ]);
  return Object.fromEntries([...own, ...sizes]);
};

/** An option as it is written, with what stands for its value. */
export const written = (name: string, { kind, value }: OptionSpec): string =>
  `--${name}${kind === 'flag' ? '' : ` ${value ?? (kind === 'number' ? 'N' : 'NAME')}`}`;
