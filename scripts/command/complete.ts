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
import { COMMANDS } from './commands.js';
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

interface Completed {
  /** `plot`, or a command and its task, `train copy`. */
  readonly words: string;
  readonly help: string;
  readonly options: readonly Suggested[];
  readonly takesFiles: boolean;
}

const OPTIONS_OF: Readonly<Record<string, readonly Suggested[]>> = {
  train: OF_TASKS,
  eval: OF_TASKS,
  plot: optionsIn(PLOT_HELP),
  sweep: optionsIn(SWEEP_HELP),
  reproduce: optionsIn(REPRODUCE_HELP),
  report: optionsIn(REPORT_HELP),
  infer: optionsIn(INFER_HELP),
};

const withTasks = (command: string): readonly Completed[] =>
  Object.values(builtIn).map((task: Task) => ({ words: `${command} ${shortName(task)}`, help: `the ${task.name} task`, options: [...ownOf(task), ...OF_TASKS], takesFiles: false }));

export const COMPLETED: readonly Completed[] = [
  ...COMMANDS.map(({ name, does, takesFiles = false }) => ({ words: name, help: does, options: OPTIONS_OF[name] ?? [], takesFiles })),
  ...['train', 'eval'].flatMap(withTasks),
];

const completions = (): RootCommand => {
  const root = new RootCommand();
  for (const { words, help, options } of COMPLETED) {
    const command = root.command(words, help);
    for (const option of options) {
      if (option.flag) command.option(option.name, option.help);
      else command.option(option.name, option.help, (complete) => option.values.forEach((value) => complete(value, '')));
    }
  }
  return root;
};

/** Whether what is being written is a number, a file or a word that nothing lists: the shell is left to complete files. */
const isOpen = (words: readonly string[]): boolean => {
  const [before, word] = [words.slice(0, -1), words.at(-1) ?? ''];
  const command = COMPLETED.findLast(({ words: own }) => `${before.join(' ')} `.startsWith(`${own} `));
  if (!command || word.startsWith('-')) return false;
  const option = command.options.find(({ name }) => before.at(-1) === `--${name}`);
  if (option && !option.flag) return option.values.length === 0;
  return command.takesFiles || /^[./]/.test(word);
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
