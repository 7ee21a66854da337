/** Which sequence the model is shown: drawn at random, by hand, or from text. */
import { useState } from 'preact/hooks';
import { attempt } from './actions.js';
import { rowsOfText, toHex } from './bits.js';
import { redraw } from './look.js';
import { mostOf, sizeWithin, slotsWithin } from './sizes.js';
import { interventions, shown, sides, slots, wanted } from './state.js';
import type { Wanted } from '../worker/messages.js';

export const want = (changes: Partial<Wanted>): void => {
  wanted.value = { ...wanted.peek(), ...changes };
  interventions.value = [];
  void attempt(redraw);
};

const worded = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const Sequence = () => {
  const [text, setText] = useState('');
  const { info } = sides.a;
  const sizes = info.value?.task?.sizes ?? [];
  const { cell, seed } = wanted.value;
  const own = info.value?.shape.slots ?? 128;
  const inUse = slots.value ?? own;
  const first = sizes[0];
  const writable = first?.name === 'length' && (shown.value?.bits ?? 0) > 0;
  const write = (): void => {
    const rows = rowsOfText(text, shown.value!.bits, mostOf('length'));
    if (rows.length > 0) want({ cell: { ...cell, length: rows.length }, bits: toHex(rows) });
  };
  const valueOf = (name: string, usual: number): number => cell[name] ?? usual;
  const beyond = sizes.filter(({ name, to }) => valueOf(name, to) > to);
  return (
    <div class="sequence" id="sequence">
      {sizes.map(({ name, to, least }) => (
        <div class="field" key={name}>
          <label for={`size-${name}`}>{worded(name)}</label>
          <input
            id={`size-${name}`}
            type="number"
            min={least}
            max={mostOf(name)}
            value={valueOf(name, to)}
            onChange={({ currentTarget }) => {
              const value = sizeWithin(name, Number(currentTarget.value), least);
              currentTarget.value = String(value);
              want({ cell: { ...cell, [name]: value }, bits: null });
            }}
          />
        </div>
      ))}
      <button type="button" onClick={() => want({ seed: seed + 1, bits: null })}>
        New sequence
      </button>
      {info.value && info.value.shape.controller !== 'none' && (
        <div class="field">
          <label for="run-slots">Slots in use</label>
          <input
            id="run-slots"
            type="number"
            min={own}
            value={inUse}
            onChange={({ currentTarget }) => {
              slots.value = slotsWithin(Number(currentTarget.value), own);
              currentTarget.value = String(slots.value ?? own);
              want({});
            }}
          />
        </div>
      )}
      {writable && (
        <form
          class="text"
          onSubmit={(event) => {
            event.preventDefault();
            write();
          }}
        >
          <label for="text">Text as bits</label>
          <input id="text" type="text" value={text} placeholder="Type or paste" onInput={({ currentTarget }) => setText(currentTarget.value)} />
          <button type="submit">Show it</button>
        </form>
      )}
      <p class="fine">
        {shown.value?.drawn ? 'Drawn by you.' : 'Drawn at random.'}
        {beyond.map(({ name, to, from }) => ` ${worded(name)} beyond training, which is ${from === to ? to : `${from} to ${to}`}.`)}
        {writable && valueOf('length', first!.to) > inUse - 8 && ` Longer than about ${inUse - 8} wants more slots: the heads would come round to where they began.`}
      </p>
    </div>
  );
};
