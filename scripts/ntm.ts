#!/usr/bin/env node
/**
 * The command for everything: npx tsx scripts/ntm.ts --help
 */
import { NTM } from './command/called.js';
import { commandLines, commandNames } from './command/commands.js';
import { end } from './command/end.js';
import { supervise } from './run/supervise.js';

const HELP = `${NTM} COMMAND

${commandLines}

TASK is copy, repeat, recall, ngrams or sort; a module whose default export is a task (./my-task.ts);
or a file of recorded sequences (.jsonl, .safetensors): examples/README.md.`;

const refuse = async (message: string): Promise<never> => {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
  return end();
};

const [command, ...rest] = process.argv.slice(2);
/** What comes first, unless it is an option. */
const [task, options] = rest[0] === undefined || rest[0].startsWith('-') ? [null, rest] : [rest[0], rest.slice(1)];

switch (command) {
  case 'train':
    if (task === null) await refuse('ntm train wants a task: ntm train copy; ntm --help lists them');
    else supervise(task, null, options);
    break;
  case 'eval':
    supervise(task, null, ['--eval', ...options]);
    break;
  case 'infer': {
    const { inferMain } = await import('./command/infer.js');
    await inferMain(rest);
    break;
  }
  case 'plot': {
    const { plotMain } = await import('./command/plot.js');
    await plotMain(rest);
    break;
  }
  case 'sweep': {
    const { listen } = await import('./run/interruption.js');
    const interruption = listen();
    const { sweepMain } = await import('./command/sweep.js');
    await sweepMain(rest, interruption);
    break;
  }
  case 'reproduce': {
    const { listen } = await import('./run/interruption.js');
    const interruption = listen();
    const { reproduceMain } = await import('./command/reproduce.js');
    await reproduceMain(rest, interruption);
    break;
  }
  case 'report': {
    const { reportMain } = await import('./command/report.js');
    await reportMain(rest);
    break;
  }
  case 'backends': {
    const { backendsMain } = await import('./command/backends.js');
    await backendsMain();
    break;
  }
  case 'complete': {
    const { completeMain } = await import('./command/complete.js');
    await completeMain(rest);
    break;
  }
  case undefined:
  case '--help':
  case 'help':
    process.stdout.write(`${HELP}\n`);
    break;
  default:
    await refuse(`no command ${JSON.stringify(command.slice(0, 80))}; there are ${commandNames}: ntm --help`);
}
