/** Reaching into the machine just before the step at the cursor; the answer is computed again from there. */
import { useState } from 'preact/hooks';
import type { Intervention } from '../worker/messages.js';
import { attempt } from './actions.js';
import { headName } from './answer-maps.js';
import { intervened } from './look.js';
import { head, interventions, sides, slot, slotInView, time } from './state.js';

const set = (all: readonly Intervention[]): void => {
  interventions.value = all;
  void attempt(intervened);
};

/** What is to be done, without when. */
type Deed = Intervention extends infer I ? (I extends Intervention ? Omit<I, 'time'> : never) : never;

const add = (deed: Deed): void => set([...interventions.peek(), { ...deed, time: time.peek() } as Intervention]);

const wordsOf = (each: Intervention): string => {
  const model = sides.a.info.peek()!;
  const name = 'head' in each ? headName(model, each.head).toLowerCase() : '';
  switch (each.kind) {
    case 'erase':
      return `slot ${each.slot} erased`;
    case 'copy':
      return `slot ${each.slot} overwritten with slot ${each.from}`;
    case 'fill':
      return `slot ${each.slot} filled with ${each.value}`;
    case 'move':
      return `${name} moved to slot ${each.slot}`;
    case 'gate':
      return `${name}: gate ${each.value}${each.until === 'end' ? ' from then on' : ''}`;
  }
};

export const Reach = () => {
  const { info, training, detail } = sides.a;
  const [from, setFrom] = useState(0);
  const [fill, setFill] = useState(1);
  const [gate, setGate] = useState(0);
  const [until, setUntil] = useState<'step' | 'end'>('step');
  const model = info.value!;
  const slots = detail.value!.memory.length;
  const at = slotInView() ?? 0;
  const name = headName(model, Math.min(head.value, model.heads.length - 1));
  const number = (label: string, value: number, change: (value: number) => void, most: number, step = 1) => (
    <input type="number" aria-label={label} min={0} max={most} step={step} value={value} onChange={({ currentTarget }) => change(Math.min(most, Math.max(0, Number(currentTarget.value) || 0)))} />
  );
  return (
    <div class="reach" id="reach">
      <h3>Reach in, before step {time.value}</h3>
      <p class="fine">The slot is where the head looks, unless you click another one. The answer is computed again from this step on, and what changed is marked.</p>
      <fieldset disabled={training.value}>
        <legend class="hidden">Interventions</legend>
        <div class="deeds-of">
          <label>
            Slot {number('Slot', at, (value) => (slot.value = Math.round(value)), slots - 1)}
          </label>
          {slot.value !== null && (
            <button type="button" class="quiet" onClick={() => (slot.value = null)}>
              Where the head looks
            </button>
          )}
          <button type="button" onClick={() => add({ kind: 'erase', slot: at })}>
            Erase
          </button>
          <span class="deed">
            <button type="button" onClick={() => add({ kind: 'copy', slot: at, from })}>
              Overwrite
            </button>
            with slot {number('Slot to copy from', from, (value) => setFrom(Math.round(value)), slots - 1)}
          </span>
          <span class="deed">
            <button type="button" onClick={() => add({ kind: 'fill', slot: at, value: fill })}>
              Fill
            </button>
            with {number('Number to fill the slot with', fill, setFill, 10, 0.1)}
          </span>
        </div>
        <div class="deeds-of">
          <span>{name}</span>
          <button type="button" onClick={() => add({ kind: 'move', head: head.value, slot: at })}>
            Move to slot {at}
          </button>
          <span class="deed">
            <button type="button" onClick={() => add({ kind: 'gate', head: head.value, value: gate, until })}>
              Force gate
            </button>
            <span>
              <var>g</var> =
            </span>
            {number('Gate', gate, setGate, 1, 0.1)}
            <select aria-label="How long the gate is forced" value={until} onChange={({ currentTarget }) => setUntil(currentTarget.value as 'step' | 'end')}>
              <option value="step">in this step</option>
              <option value="end">from here on</option>
            </select>
          </span>
        </div>
      </fieldset>
      {interventions.value.length > 0 && (
        <ul class="deeds" aria-label="What you changed">
          {interventions.value.map((each, i) => (
            <li key={i}>
              Before step {each.time}: {wordsOf(each)}
              <button type="button" class="quiet" aria-label={`Undo: ${wordsOf(each)}`} onClick={() => set(interventions.peek().filter((_, other) => other !== i))}>
                Undo
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};
