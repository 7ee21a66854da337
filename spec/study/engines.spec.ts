/** What GNU parallel and Slurm are given; that they take it is tried by scripts/study/ssh-trial.sh and slurm-trial.sh. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrayScript, exitCodesIn, hostsIn, jobScript, parallelWords } from '../../src/study/engines.js';
import { freshFolder } from '../support/command.js';

const NAMES = ['rate-4e-3_seed-1_00000001', 'rate-8e-3_seed-1_00000002'];

describe('Slurm', () => {
  it('is told limits, requeueing and the signal', () => {
    const script = arrayScript('runs/study', NAMES, { jobs: 5, time: '2:00:00' });
    for (const line of ['--array=1-2%5', '--time=2:00:00', '--requeue', '--signal=B:TERM@60']) expect(script).toContain(`#SBATCH ${line}\n`);
    expect(arrayScript('runs/study', NAMES, { jobs: null, time: '10' })).toContain('#SBATCH --array=1-2\n');
  });

  it.each([
    [0, 'second', ''],
    [143, 'second', 'requeue 7_2\n'],
  ])('runs the element’s run; asked to save, it waits for it, and queues it again unless it was through (exit code %d)', (code, which, requeued) => {
    const folder = freshFolder();
    NAMES.forEach((name, i) => {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'job.sh'), `trap 'echo saved >>"${folder}/said"; exit ${code}' TERM\necho ${i === 0 ? 'first' : 'second'} >>"${folder}/said"\nkill -TERM $PPID\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 0.5; done\n`);
    });
    writeFileSync(join(folder, 'scontrol'), `#!/bin/sh\necho "$@" >>"${folder}/queued"\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'queued'), '');
    const environment = { PATH: `${folder}:${process.env.PATH}`, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '2' };
    const run = (): unknown => execFileSync('bash', ['-c', arrayScript(folder, NAMES, { jobs: null, time: '10' })], { env: environment });
    if (code === 0) run();
    else expect(run).toThrow();
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe(`${which}\nsaved\n`);
    expect(readFileSync(join(folder, 'queued'), 'utf8')).toBe(requeued);
  });
});

describe('GNU parallel', () => {
  it('is told hosts, folders there, and what to bring and fetch', () => {
    const words = parallelWords('runs/study', NAMES, { file: 'hosts', at: '/home/me/ntm', jobs: 4 });
    expect(words.join(' ')).toBe(
      `parallel --will-cite --sshloginfile hosts --workdir /home/me/ntm --jobs 4 --joblog runs/study/parallel.log --transferfile runs/study/{} --return runs/study/{} sh runs/study/{}/job.sh ::: ${NAMES.join(' ')}`,
    );
  });

  it('and its files are read', () => {
    expect(hostsIn('8/me@one\n# none\n:\n50%/two # fast\n4/ssh -p 2222 three\n')).toEqual([
      { shell: 'ssh', name: 'me@one' },
      { shell: 'ssh', name: 'two' },
      { shell: 'ssh -p 2222', name: 'three' },
    ]);
    expect(exitCodesIn('Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n1\ta\t1\t1\t0\t0\t0\t0\tx\n2\ta\t1\t1\t0\t0\t1\t0\tx\n3\ta')).toEqual([0, 1]);
    expect(exitCodesIn('')).toEqual([]);
  });
});

it('a run’s script is one process, whose words go to its log', () => {
  const script = jobScript(['node', 'ntm.ts'], { name: NAMES[0]!, task: 'copy', settings: {}, options: ['--seed=1'] }, 'my study');
  expect(script).toBe(`#!/bin/sh\nexec node ntm.ts train copy --seed=1 '--model=my study/${NAMES[0]}/model.safetensors' '--out=my study/${NAMES[0]}' --continue >>'my study/${NAMES[0]}/log.txt' 2>&1\n`);
});
