/** Interrupts a training command at a random moment in a random way, and looks at what is left. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readEvents } from '../../src/io/tensorboard.js';
import { random, seededRng } from '../../src/random.js';
import { type Checkpoint } from '../../src/training/checkpoint.js';
import { allGone, hasTerminal, pathsIn, processesWith, type Route, ROUTES, type Started, startCommand } from './processes.js';
import { bitsOf, goOn, OPTIONS, readCheckpoint, settingsOf, undisturbed } from './tiny.js';

export const WAYS = ['INT', 'INT twice', 'TERM', 'HUP', 'KILL'] as const;
export type Way = (typeof WAYS)[number];

/** What is being done when the interruption comes, as far as that can be aimed at. */
export const MOMENTS = ['at the start', 'steps', 'saves', 'evaluation', 'drawing'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Milliseconds after its beginning in which a moment is hit. */
const LATEST: Readonly<Record<Moment, number>> = { 'at the start': 1800, steps: 2500, saves: 1500, evaluation: 500, drawing: 500 };

export interface Plan {
  readonly seed: number;
  readonly route: Route;
  readonly way: Way;
  readonly moment: Moment;
  readonly workers: 1 | 2;
  /** Milliseconds from the moment's beginning. */
  readonly delay: number;
  /** Which process of the chain is hit, as a share of it; a terminal's keys hit all. */
  readonly target: number;
}

const pick = <A>(values: readonly A[], share: number): A => values[Math.floor(share * values.length)]!;

/** The plan of a seed. */
export const planOf = (seed: number): Plan => {
  const routes = hasTerminal ? ROUTES : ROUTES.filter((route) => route !== 'terminal');
  const [plan] = random(({ uniform }) => {
    const unit = (): number => uniform(0, 1);
    // The first numbers of neighbouring seeds are alike.
    for (let i = 0; i < 8; i++) unit();
    const moment = pick(MOMENTS, unit());
    return { seed, route: pick(routes, unit()), way: pick(WAYS, unit()), moment, workers: pick([1, 2] as const, unit()), delay: LATEST[moment] * unit(), target: unit() };
  })(seededRng(Math.imul(seed, 0x9e3779b1) >>> 0));
  return plan;
};

export const describePlan = ({ seed, route, way, moment, workers, delay, target }: Plan): string => `seed ${seed}: ${way} to ${target.toFixed(2)} of the chain, through ${route}, ${workers} thread${workers > 1 ? 's' : ''}, ${moment} + ${delay.toFixed(0)} ms`;

export interface Outcome {
  readonly plan: Plan;
  readonly verdict: 'resumed to the bits' | 'nothing was due, and it said so' | 'ended before it trained' | 'finished before';
  /** Iterations saved. */
  readonly step: number;
}

/** Iterations of a run whose end is aimed at, and of one that would go on for long. */
const SHORT = 200;
const LONG = 200_000;

const ANNOUNCED = 'backend: ';

/** Sends what the plan says, and tells the transcript what went to whom. */
const hit = async (started: Started, { route, way, target }: Plan, note: (line: string) => void): Promise<void> => {
  const typed = route === 'terminal' && way.startsWith('INT');
  const send = (): void => {
    if (typed) {
      note('Ctrl-C typed');
      return started.type('\x03');
    }
    // The terminal's shell is no part of the command, tsx's compiler has no part in the run; a shell or npm alone keeps a SIGINT to itself until its child has ended.
    // script, the terminal, holds a SIGHUP back for ever: one that closes is one that is killed.
    const deaf = (words: string): boolean => way === 'HUP' && words.includes('/script -qfec');
    const chain = started.chain().filter(({ words }) => !deaf(words) && !words.startsWith('sh -c set -m') && !/esbuild/.test(words.split(' ')[0]!) && !(way.startsWith('INT') && /^(sh|npm)\b/.test(words)));
    if (chain.length === 0) return note('nobody is there to be hit');
    // A trainer that is killed outright can save nothing more: that is what its last save is for.
    const { pid, words } = pick(chain, target);
    note(`${way} to ${pid} (${words}) of ${chain.map((each) => each.pid).join()}`);
    try {
      process.kill(pid, `SIG${way.replace(' twice', '')}`);
    } catch {
      note('it had ended meanwhile');
    }
  };
  send();
  if (way !== 'INT twice') return;
  await wait(20 + 400 * target);
  send();
};

/** The faults of logs that should end at a step at most, in order, each step once. */
const logFaults = (out: string, step: number): readonly string[] => {
  const metrics = existsSync(join(out, 'metrics.jsonl')) ? readFileSync(join(out, 'metrics.jsonl'), 'utf8') : '';
  const steps = metrics.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { readonly step: number }).step);
  const events = existsSync(join(out, 'events.out.tfevents.ntm')) ? new Uint8Array(readFileSync(join(out, 'events.out.tfevents.ntm'))) : new Uint8Array();
  const records = readEvents(events);
  const ascending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > values[i - 1]!);
  const eventSteps = records.flatMap((record) => (record.step === null ? [] : [record.step]));
  return [
    ...(ascending(steps) && steps.every((at) => at <= step) ? [] : [`metrics' steps are ${steps.join()} for a model of step ${step}`]),
    ...(ascending(eventSteps) && eventSteps.join() === steps.join() ? [] : [`events' steps are ${eventSteps.join()}, metrics' ${steps.join()}`]),
    ...((records.at(-1)?.end ?? 0) === events.length ? [] : ['the events end in a torn record']),
  ];
};

const recordOf = (out: string): string => (existsSync(join(out, 'run.json')) ? readFileSync(join(out, 'run.json'), 'utf8') : '');

const references = new Map<number, (step: number) => Promise<Checkpoint>>();

/** The undisturbed run on so many threads. */
const referenceOf = (workers: number): ((step: number) => Promise<Checkpoint>) => {
  const found = references.get(workers) ?? undisturbed(settingsOf(LONG, workers));
  references.set(workers, found);
  return found;
};

const sameBits = (a: Checkpoint, b: Checkpoint): boolean => Buffer.from(bitsOf(a)).equals(bitsOf(b));

/** Carries a plan out; throws where anything was lost, false, or left behind. */
export const interrupt = async (plan: Plan): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'ntm-interrupt-'));
  const { model, out } = pathsIn(folder);
  const ends = plan.moment === 'evaluation' || plan.moment === 'drawing';
  const iterations = ends ? SHORT : LONG;
  const options = [...OPTIONS, '--iterations', `${iterations}`, '--workers', `${plan.workers}`, '--save-every', plan.moment === 'saves' || plan.way === 'KILL' ? '0.02' : '30', '--model', model, '--out', out];
  const begun = performance.now();
  const transcript: string[] = [];
  const note = (line: string): void => void transcript.push(`${(performance.now() - begun).toFixed(0)} ms: ${line}`);
  const fail = (fault: string, started: Started): never => {
    note(`left: ${readdirSync(folder, { recursive: true }).join(', ') || 'no file'}; ${started.chain().map(({ pid, words }) => `${pid} (${words})`).join('; ') || 'no process'}`);
    if (recordOf(out) !== '') note(`run.json: ${recordOf(out).replace(/\s+/g, ' ')}`);
    throw new Error(`${describePlan(plan)}: ${fault}\n${transcript.join('\n')}\noutput:\n${started.output()}`);
  };
  try {
    const started = startCommand(plan.route, 'train-copy.ts', options, folder, folder);
    const first = { 'at the start': '', steps: ANNOUNCED, saves: ANNOUNCED, evaluation: 'evaluation', drawing: 'cross-entropy' }[plan.moment];
    if (plan.moment !== 'at the start' && !(await started.says(first))) return fail('it ended by itself', started);
    await wait(plan.delay);
    const complete = started.output().includes('pictures: ');
    await hit(started, plan, note);
    // What comes while npm itself is starting it keeps to itself, too: it is sent again, as by whoever waits for an end.
    if (plan.moment === 'at the start' && plan.way !== 'KILL' && !(await allGone(folder, 8))) await hit(started, plan, note);
    if (!(await allGone(folder, 30))) return fail('processes are left', started);
    note('all processes are gone');
    await started.ended;
    const said = started.output();
    if (/\n\s+at /.test(said)) return fail('a stack trace', started);
    if (readdirSync(folder).some((name) => name.endsWith('.tmp')) && plan.way !== 'KILL') return fail(`temporaries are left: ${readdirSync(folder).join()}`, started);
    if (!existsSync(model)) {
      // A trainer that ends by itself takes the empty folders away that it made; its word may have no terminal left.
      if (said.includes('interrupted before the first step')) return { plan, verdict: 'nothing was due, and it said so', step: 0 };
      // Its terminal was gone before its first step: then its folder says so.
      if (recordOf(out).includes('standard output cannot be written')) return { plan, verdict: 'nothing was due, and it said so', step: 0 };
      if (!existsSync(out)) return { plan, verdict: 'ended before it trained', step: 0 };
      if (plan.way === 'KILL' && !said.includes('iteration ')) return { plan, verdict: 'ended before it trained', step: 0 };
      return fail('no model', started);
    }
    const saved = readCheckpoint(new Uint8Array(readFileSync(model)));
    const { step } = saved.state;
    const reference = referenceOf(plan.workers);
    const goal = Math.min(step + 40, iterations);
    const resumed = goal > step || saved.state.pending ? await goOn({ ...saved, configuration: { ...saved.configuration, iterations: goal } }) : saved;
    if (!sameBits(resumed, await reference(goal))) return fail(`what was saved at step ${step} goes on to other bits at step ${goal}`, started);
    const faults = plan.way === 'KILL' ? [] : logFaults(out, step);
    if (faults.length > 0) return fail(faults.join('; '), started);
    const heard = plan.route !== 'terminal' || plan.way.startsWith('INT');
    if (heard && plan.way !== 'KILL' && !complete && !ends && !/saved/.test(said)) return fail('it did not say that it saved', started);
    return { plan, verdict: complete ? 'finished before' : 'resumed to the bits', step };
  } finally {
    for (const { pid } of processesWith(folder)) process.kill(pid, 'SIGKILL');
    await allGone(folder, 5);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};
