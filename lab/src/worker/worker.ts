/** The worker: all of the library runs here, so that the page stays free. */
import { createNtm, loadNtm, tasks } from 'ntm-gpu';
import { CONTROLLERS, type Task } from 'ntm-gpu/core';
import { type Held, hold } from './model.js';
import type { Api, ModelInfo, Reply, Request, Side } from './messages.js';
import { sequenceOf } from './sequences.js';
import { apart, check, taskInfo, tasksByName } from './settings.js';

interface Port {
  readonly postMessage: (reply: Reply) => void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
}
const port = self as unknown as Port;

const models = new Map<Side, Held>();

const modelOf = (side: Side): Held => {
  const model = models.get(side);
  if (!model) throw new Error('there is no model yet');
  return model;
};

const keep = async (side: Side, ntm: Held['ntm']): Promise<ModelInfo> => {
  const before = models.get(side);
  const held = hold(side, ntm, (told) => port.postMessage({ kind: 'told', told }));
  models.set(side, held);
  await before?.dispose();
  return held.info();
};

/** `createNtm` takes settings of the run; those of the task belong to it. */
const create: AsyncApi['create'] = async (side, settings) => {
  const checked = check(settings);
  if (checked.fault) throw new Error(`${checked.fault.field ?? ''} ${checked.fault.message}`.trim());
  const { task, rest } = apart(settings)!;
  const own = Object.fromEntries(Object.entries(rest).filter(([name]) => Object.hasOwn(task.options, name)));
  const run = Object.fromEntries(Object.entries(rest).filter(([name]) => !Object.hasOwn(task.options, name)));
  const make = Object.values(tasks).map((each) => each as (options: object) => Task).find((each) => each({}).name === task.name)!;
  return keep(side, await createNtm({ ...run, task: make(own) }));
};

const answers: AsyncApi = {
  ready: async () => ({ tasks: [...tasksByName.values()].map(taskInfo), controllers: CONTROLLERS }),
  check: async (settings) => check(settings),
  create,
  load: async (side, bytes, task, legacy) => {
    const options = { ...(legacy && { legacyWriteAddressing: true }) };
    const ntm = await loadNtm(bytes, options);
    const wanted = task === null ? undefined : tasksByName.get(task);
    if (ntm.task !== null || !wanted) return keep(side, ntm);
    await ntm.dispose();
    return keep(side, await loadNtm(bytes, { ...options, task: wanted }));
  },
  duplicate: async (from, to) => keep(to, await loadNtm(await modelOf(from).ntm.save())),
  train: async (side, until) => modelOf(side).train(until),
  pause: async (side) => modelOf(side).pause(),
  save: async (side, only) => modelOf(side).ntm.save(only === null ? {} : { only }),
  sequence: async (wanted) => {
    const { task } = modelOf('a').ntm;
    if (!task) throw new Error('these weights do not say what they were trained on: choose the task and load them again');
    return sequenceOf(task, wanted);
  },
  run: async (side, shown, slots) => modelOf(side).run(shown, slots),
  open: async (side, shown, slots) => (await modelOf(side).open(shown, slots)).answer,
  intervene: async (side, interventions) => modelOf(side).inside().intervene(interventions),
  look: async (side, time) => modelOf(side).inside().look(time),
};

type AsyncApi = { readonly [M in keyof Api]: (...args: Parameters<Api[M]>) => Promise<ReturnType<Api[M]>> };

port.onmessage = ({ data: { id, method, args } }) => {
  const answer = answers[method] as (...args: readonly unknown[]) => Promise<unknown>;
  answer(...args).then(
    (value) => port.postMessage({ kind: 'answer', id, value }),
    (error: unknown) => port.postMessage({ kind: 'fault', id, message: error instanceof Error ? error.message : String(error) }),
  );
};
