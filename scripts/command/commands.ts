/** What commands there are; the help and completion by the shell say it in these words. */
interface Described {
  readonly name: string;
  readonly usage: string;
  readonly does: string;
  /** What comes after it is a file or a folder. */
  readonly takesFiles?: true;
}

export const COMMANDS: readonly Described[] = [
  { name: 'train', usage: 'TASK [options]', does: 'trains on a task, evaluates and draws the model; train TASK --help lists the options' },
  { name: 'eval', usage: '[TASK] [options]', does: "evaluates a model: --model FILE, else one's own, else the one shipped" },
  { name: 'plot', usage: 'RUN… [options]', does: 'draws figures of runs and models from their files; plot --help lists them', takesFiles: true },
  { name: 'sweep', usage: 'TASK [options]', does: 'trains with many seeds and settings, here, over SSH or on Slurm; sweep --help says how' },
  { name: 'reproduce', usage: 'TASK [opts]', does: "the paper's comparison: NTMs and the LSTM alone, curves and figures; reproduce --help" },
  { name: 'report', usage: 'STUDY… [opts]', does: 'what came of a study: tables, curves, CSV and JSON; report --help says how', takesFiles: true },
  { name: 'infer', usage: '[options]', does: "applies a model to one's own sequences; infer --help says how" },
  { name: 'backends', usage: '', does: 'what this machine can compute on, and how fast' },
  { name: 'complete', usage: 'SHELL', does: 'what bash, zsh, fish or powershell completes these by: source <(ntm complete bash)' },
];

const written = ({ name, usage }: Described): string => `${name} ${usage}`.trim();
const WIDTH = Math.max(...COMMANDS.map((command) => written(command).length));

export const commandLines = COMMANDS.map((command) => `  ${written(command).padEnd(WIDTH)}  ${command.does}`).join('\n');

const names = COMMANDS.map(({ name }) => name);
export const commandNames = `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
