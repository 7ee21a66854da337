/**
 * Completion by the shell: `ntm complete bash` prints what a shell reads, which then asks `ntm complete -- WORDS`.
 * Commands, options and their values come from the tables and the help that the commands have anyway.
 */
import { RootCommand } from '@bomb.sh/tab';
import { BACKENDS } from '../../src/gpu/backends.js';
import { FORMATS, SCHEMES } from '../../src/pictures/style.js';
import { builtIn, shortName } from '../../src/tasks/index.js';
import type { Task } from '../../src/tasks/definition.js';
import { choicesOf } from '../../src/training/configuration.js';
import { end } from './end.js';
import { INFER_HELP } from './infer.js';
import { OPTIONS, ownOptions } from './option-table.js';
import { PLOT_HELP } from './plot-options.js';
import { REPORT_HELP } from './report.js';
import { show } from './options.js';
import { REPRODUCE_HELP } from './reproduce-options.js';
import { ENGINES, SWEEP_HELP } from './sweep-options.js';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export interface Suggested {
  readonly name: string;
  readonly help: string;
  readonly flag: boolean;
  readonly values: readonly string[];
}

/** Of the commands that have no table of options. */
const VALUES: Readonly<Record<string, readonly string[]>> = { backend: BACKENDS, scheme: SCHEMES, format: FORMATS, engine: ENGINES };

const OF_TASKS: readonly Suggested[] = Object.entries(OPTIONS).map(([name, { help, kind, key }]) => ({ name, help, flag: kind === 'flag', values: choicesOf(key) }));

const ownOf = (task: Task): readonly Suggested[] =>
  Object.entries(ownOptions(task)).map(([name, { help, kind, key }]) => {
    const option = key === undefined ? undefined : task.options[key];
    return { name, help, flag: kind === 'flag', values: option !== undefined && 'choices' in option ? option.choices : [] };
  });

/** The lines of a help that tell of an option: `  --out DIR  where to`. */
const optionsIn = (help: string): readonly Suggested[] =>
  [...help.matchAll(/^ {2}--([\w-]+)(?: (\S+))?.*? {2,}(\S.*)$/gm)].map(([, name, value, words]) => ({
    name: name!,
    help: words!,
    flag: value === undefined,
    values: VALUES[name!] ?? [],
  }));

interface Words {
  readonly words: string;
  readonly help: string;
  readonly options: readonly Suggested[];
}

export const COMMANDS: readonly Words[] = [
  ...(['train', 'eval'] as const).flatMap((command) => [
    { words: command, help: command === 'train' ? 'trains on a task, evaluates and draws the model' : 'evaluates a model', options: OF_TASKS },
    ...Object.values(builtIn).map((task: Task) => ({ words: `${command} ${shortName(task)}`, help: `the ${task.name} task`, options: [...ownOf(task), ...OF_TASKS] })),
  ]),
  { words: 'plot', help: 'draws figures of runs and models from their files', options: optionsIn(PLOT_HELP) },
  { words: 'sweep', help: 'trains with many seeds and settings', options: optionsIn(SWEEP_HELP) },
  { words: 'reproduce', help: 'the paper’s comparison', options: optionsIn(REPRODUCE_HELP) },
  { words: 'report', help: 'what came of a study', options: optionsIn(REPORT_HELP) },
  { words: 'infer', help: 'applies a model to one’s own sequences', options: optionsIn(INFER_HELP) },
  { words: 'backends', help: 'what this machine can compute on', options: [] },
  { words: 'complete', help: 'prints what a shell reads to complete these', options: [] },
];

const completions = (): RootCommand => {
  const root = new RootCommand();
  for (const { words, help, options } of COMMANDS) {
    const command = root.command(words, help);
    for (const option of options) {
      if (option.flag) command.option(option.name, option.help);
      else command.option(option.name, option.help, (complete) => option.values.forEach((value) => complete(value, '')));
    }
  }
  return root;
};

/** What follows is a number, a file or a word that nothing lists: the shell is left to complete files. */
const isOpen = (words: readonly string[]): boolean => {
  const [before, word] = [words.at(-2) ?? '', words.at(-1) ?? ''];
  if (word.startsWith('-')) return false;
  const option = COMMANDS.flatMap(({ options }) => options).find(({ name }) => before === `--${name}`);
  const takesFiles = ['plot', 'report'].includes(words[0]!) || (words.length === 2 && /^[./]/.test(word));
  return option === undefined || option.flag ? takesFiles && words.length > 1 : option.values.length === 0;
};

/** The directive by which completion scripts fall back on files, and bash’s leave to do so. */
const FILES = ':0';
const FILES_IN_BASH = 'complete -o default -F __ntm_complete ntm';

export const completeMain = async ([shell, ...words]: readonly string[]): Promise<void> => {
  if (shell === '--') {
    if (isOpen(words)) console.log(FILES);
    else completions().parse([...words]);
  } else if (SHELLS.some((each) => each === shell)) {
    completions().setup('ntm', 'ntm', shell!);
    if (shell === 'bash') console.log(FILES_IN_BASH);
  } else {
    process.stderr.write(`ntm complete wants ${SHELLS.slice(0, -1).join(', ')} or ${SHELLS.at(-1)}${shell === undefined ? '' : `, got ${show(shell)}`}: source <(ntm complete bash)\n`);
    process.exitCode = 2;
  }
  await end();
};
