/** What stands beside the model: a shipped file, the model as it is now, or one whose settings differ in one place. */
import { attempt, besideOf, loadShipped } from './actions.js';
import { refresh } from './look.js';
import { isShipped } from './shipped.js';
import { beside, leave, settings, sides } from './state.js';
import { worker } from './worker.js';

/** `controller=none`, `seed=2`. */
const changeIn = (words: string): Readonly<Record<string, string | number>> | null => {
  const [, name, value] = /^(controller|seed)=([\w-]+)$/.exec(words) ?? [];
  if (name === undefined || value === undefined) return null;
  return { [name]: name === 'seed' ? Number(value) : value };
};

export const putBeside = (words: string | null): Promise<void> =>
  attempt(async () => {
    beside.value = words;
    if (words === null) return leave('b');
    if (isShipped(words)) return loadShipped('b', words);
    const change = changeIn(words);
    if (words === 'now') await besideOf(() => worker.duplicate('a', 'b'), 'The model as it was');
    else if (change) await besideOf(() => worker.create('b', { ...settings.peek(), ...change }), null);
    else beside.value = null;
    await refresh.b();
  });

/** A seed that the model does not have. */
export const otherSeed = (): number => Number(sides.a.info.peek()?.settings?.seed ?? 1) + 1;
