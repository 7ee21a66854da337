/** What other programs are given to run a study: a script a run, and the words of GNU parallel and of Slurm. */
import { idempotent, type Job, quoted } from './job.js';

export const JOB_SCRIPT = 'job.sh';
/** What a run says. */
export const LOG = 'log.txt';

/** A script that does a run; `ntm` is the words of the command. It is the process itself that is signalled, not a wrapper. */
export const jobScript = (ntm: readonly string[], { name, task, options }: Job, study: string): string => {
  const folder = `${study}/${name}`;
  return `#!/bin/sh\nexec ${[...ntm, 'train', task, ...options, ...idempotent(folder)].map(quoted).join(' ')} >>${quoted(`${folder}/${LOG}`)} 2>&1\n`;
};

/** GNU parallel's log of the runs that are through. */
export const JOB_LOG = 'parallel.log';

/** The exit codes in it: Seq, Host, Starttime, JobRuntime, Send, Receive, Exitval, Signal, Command. */
export const exitCodesIn = (text: string): readonly number[] =>
  text.split('\n').slice(1, -1).map((line) => Number(line.split('\t')[6]));

export interface Hosts {
  /** File of the hosts, one a line. */
  readonly file: string;
  /** The project's folder on all of them. */
  readonly at: string;
  /** Runs at a time on each; null for its cores. */
  readonly jobs: number | null;
}

/** GNU parallel over SSH: it brings a run's folder to a host, does the run there and brings the folder back. */
export const parallelWords = (study: string, names: readonly string[], { file, at, jobs }: Hosts): readonly string[] => [
  'parallel',
  '--will-cite',
  ...['--sshloginfile', file, '--workdir', at],
  ...(jobs === null ? [] : ['--jobs', String(jobs)]),
  ...['--joblog', `${study}/${JOB_LOG}`],
  ...['--transferfile', `${study}/{}`, '--return', `${study}/{}`],
  ...['sh', `${study}/{}/${JOB_SCRIPT}`],
  ':::',
  ...names,
];

export interface Host {
  /** What connects to it: `ssh`, or that with options. */
  readonly shell: string;
  readonly name: string;
}

/** The hosts of GNU parallel's file: `[jobs/][ssh command ]host`, and comments; `:`, this machine, is none. */
export const hostsIn = (text: string): readonly Host[] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().replace(/^\d+%?\//, ''))
    .filter((line) => line !== '' && line !== ':')
    .map((line) => {
      const words = line.split(/\s+/);
      return { shell: words.slice(0, -1).join(' ') || 'ssh', name: words.at(-1)! };
    });

/** Seconds before its time limit at which Slurm asks a run to save. */
const SAVE_SECONDS = 60;

export interface Cluster {
  /** Runs at a time; null for no limit. */
  readonly jobs: number | null;
  /** Time limit of a job, as Slurm writes it. */
  readonly time: string;
}

/**
 * An array job of Slurm, a run an element. A minute before its limit an element saves and is queued again;
 * one whose node failed, or that was preempted, is queued again by Slurm. Either goes on where it stopped.
 */
export const arrayScript = (study: string, names: readonly string[], { jobs, time }: Cluster): string => `#!/bin/bash
#SBATCH --job-name=ntm
#SBATCH --array=1-${names.length}${jobs === null ? '' : `%${jobs}`}
#SBATCH --time=${time}
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --signal=B:TERM@${SAVE_SECONDS}
#SBATCH --open-mode=append
#SBATCH --output=${study.replaceAll('%', '%%')}/slurm.txt

name=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" <<'END'
${names.join('\n')}
END
)
save() {
  # The signal may come before the run has begun.
  code=1
  [ -z "$!" ] || { kill -TERM "$!"; wait "$!"; code=$?; }
  # A run that was through all the same is left alone.
  [ "$code" -eq 0 ] || scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
  exit "$code"
}
trap save TERM
sh ${quoted(study)}/"$name"/${JOB_SCRIPT} &
wait "$!"
`;
