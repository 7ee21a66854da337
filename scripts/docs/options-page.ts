/** docs/options.md, from the tables by which the commands read their options. */
import { builtIn, shortName } from '../../src/tasks/index.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Configuration, KEYS, type Key, optionOf } from '../../src/training/configuration.js';
import { defaultOf, defaultsOf } from '../command/help.js';
import { INFER_HELP } from '../command/infer.js';
import { GROUPS, OPTIONS, type OptionSpec, type OptionSpecs, ownOptions, written } from '../command/option-table.js';
import { PLOT_HELP } from '../command/plot-options.js';
import { REPRODUCE_HELP } from '../command/reproduce-options.js';

const HEAD = `<!-- Written by \`npm run docs:options\` from scripts/command/option-table.ts: change that, and run it again. -->

# Options

\`ntm train TASK --help\` shows these for one task, with what is in force for it; \`--preset\` and \`--controller\` given beside
\`--help\` are heeded. Which to choose: [training.md](training.md). As fields of \`createNtm\` and of a \`--config\` file the same
settings are written in one word: \`--learning-rate\` is \`learningRate\`; \`--memory 128x20\` is \`slots\` and \`width\`.

Where the package is installed, the shell completes commands, options and their values once it has read \`source <(ntm complete bash)\`
(bash, with its package bash-completion, and zsh; \`ntm complete fish | source\`; powershell).`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const tasks: readonly Task[] = Object.values(builtIn);

interface Column {
  readonly title: string;
  readonly settings: Configuration;
}

const column = (title: string, task: Task, given: Readonly<Record<string, unknown>>): readonly Column[] => {
  const settings = defaultsOf(task, given);
  return settings === null ? [] : [{ title, settings }];
};

/** Each task with its own controller, and with another. */
const BY_TASK: readonly Column[] = tasks.flatMap((task) => [
  ...column(shortName(task), task, {}),
  ...(task.controller === 'lstm'
    ? column(`${shortName(task)} --ff`, task, { controller: 'feed-forward' })
    : column(`${shortName(task)} --controller lstm`, task, { controller: 'lstm' })),
]);

const BY_PRESET: readonly Column[] = ['default', 'seed', 'paper'].flatMap((preset) => column(preset, builtIn.copy, { preset }));

/** Settings that say which column it is. */
const NAMING: readonly Key[] = ['task', 'options', 'preset'];

const differing = (columns: readonly Column[]): readonly Key[] =>
  KEYS.filter((key) => !NAMING.includes(key) && new Set(columns.map(({ settings }) => settings[key])).size > 1);

const comparison = (columns: readonly Column[]): string =>
  table(
    ['', ...columns.map(({ title }) => title)],
    differing(columns).map((key) =>
      key === 'slots'
        ? ['`--memory`', ...columns.map(({ settings: { slots, width } }) => `${slots}x${width}`)]
        : [`\`${optionOf(key)}\``, ...columns.map(({ settings }) => String(settings[key]))],
    ),
  );

const optionsTable = (specs: OptionSpecs): string => {
  const [{ settings }] = BY_TASK as readonly [Column];
  const varying = new Set(differing(BY_TASK));
  const row = ([name, spec]: readonly [string, OptionSpec]): readonly string[] => [
    `\`${written(name, spec)}\``,
    spec.help,
    `${defaultOf(name, spec, settings)}${varying.has(spec.key as Key) ? ' *' : ''}`,
  ];
  return table(['option', 'what it does', 'default'], Object.entries(specs).map(row));
};

const ofGroup = (group: string): OptionSpecs =>
  Object.fromEntries(Object.entries(OPTIONS).filter(([, spec]) => spec.group === group));

const plain = (text: string): string => ['```text', text, '```'].join('\n');

export const optionsPage = (): string =>
  [
    HEAD,
    '## Task\n\nOf `ntm train TASK` and `ntm eval TASK`; a task of one’s own has those that its definition names ([examples](../examples/README.md)).',
    ...tasks.flatMap((task) => [`### ${shortName(task)}`, optionsTable(ownOptions(task))]),
    ...Object.entries(GROUPS).flatMap(([group, title]) =>
      group === 'task' ? [] : [`## ${title}`, optionsTable(ofGroup(group))],
    ),
    `\\* differs by task or controller:`,
    comparison(BY_TASK),
    '## Presets\n\n`--preset` sets these (here for copy); any of them can be given beside it.',
    comparison(BY_PRESET),
    '## Other commands',
    plain(PLOT_HELP),
    plain(REPRODUCE_HELP),
    plain(INFER_HELP),
    '`ntm backends` takes no options.',
    '## Exit codes\n\n0 done · 1 the run failed · 2 wrong usage · 130 interrupted and saved (143 by SIGTERM, 129 by SIGHUP)',
  ].join('\n\n') + '\n';
