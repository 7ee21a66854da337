/** The form of settings; what is wrong is said beside the field that it is about, in the library's words. */
import { useState } from 'preact/hooks';
import { change, chooseTask } from './actions.js';
import { checked, inForce, ready, settings } from './state.js';

interface FieldOf {
  readonly name: string;
  readonly label: string;
  readonly choices?: readonly string[];
  readonly step?: string;
}

const TASK_LABELS: Readonly<Record<string, string>> = {
  copy: 'Copy',
  'repeat-copy': 'Repeat copy',
  recall: 'Associative recall',
  ngrams: 'Dynamic n-grams',
  sort: 'Priority sort',
};

/** What each asks, in a line. */
const TASK_WORDS: Readonly<Record<string, string>> = {
  copy: 'Rows of bits are shown; then all are to be given back, in their order.',
  'repeat-copy': 'Rows of bits and a number are shown; then the rows are to be given back so many times, and an end mark.',
  recall: 'Items of a few rows each are shown, then one of them again; the item that came after it is to be given.',
  ngrams: 'Bits are drawn by a table of chances, another for every sequence; at every step the next bit is to be foretold.',
  sort: 'Rows with a priority each are shown; then they are to be given back, the highest priority first.',
};

const MEMORY: readonly FieldOf[] = [
  { name: 'readHeads', label: 'Read heads' },
  { name: 'writeHeads', label: 'Write heads' },
  { name: 'slots', label: 'Memory slots' },
  { name: 'width', label: 'Slot width' },
];
const LEARNING: readonly FieldOf[] = [
  { name: 'seed', label: 'Seed' },
  { name: 'learningRate', label: 'Learning rate', step: 'any' },
  { name: 'batch', label: 'Batch' },
];
const MORE: readonly FieldOf[] = [
  { name: 'hidden', label: 'Controller units' },
  { name: 'layers', label: 'Controller layers' },
  { name: 'taps', label: 'Shift taps' },
  { name: 'backend', label: 'Runs on', choices: ['webasm', 'webgl2', 'webgpu', 'cpu'] },
];

const Fault = ({ name }: { readonly name: string }) => {
  const found = checked.value?.fault;
  return found?.field === name ? (
    <span class="fault" id={`fault-${name}`} role="alert">
      {found.message}
    </span>
  ) : null;
};

/** A field's value: what was typed, else what is in force. */
const valueOf = (name: string): string => {
  const right = inForce.value;
  const usual = right?.inForce[name] ?? right?.task.options.find((option) => option.name === name)?.value;
  return String(settings.value[name] ?? usual ?? '');
};

const Field = ({ name, label, choices, step = '1' }: FieldOf) => {
  const wrong = checked.value?.fault?.field === name;
  // What is being typed stands, whatever is drawn anew meanwhile.
  const [typed, setTyped] = useState<string | null>(null);
  const value = typed ?? valueOf(name);
  const set = (text: string): void => {
    void change({ [name]: text === '' ? null : choices ? text : Number(text) });
  };
  const common = { id: `set-${name}`, 'aria-invalid': wrong, ...(wrong && { 'aria-describedby': `fault-${name}` }) } as const;
  return (
    <div class="field">
      <label for={common.id}>{label}</label>
      {choices ? (
        <select {...common} value={value === 'auto' || value === '' ? choices[0] : value} onChange={({ currentTarget }) => set(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type="number"
          step={step}
          value={value}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onChange={({ currentTarget }) => set(currentTarget.value)}
          onBlur={() => setTyped(null)}
        />
      )}
      <Fault name={name} />
    </div>
  );
};

const worded = (name: string): string => {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const SettingsForm = () => {
  const task = String(settings.value.task ?? 'copy');
  const known = ready.value;
  const options = known?.tasks.find(({ name }) => name === task)?.options ?? [];
  const unplaced = checked.value?.fault && checked.value.fault.field === null ? checked.value.fault.message : null;
  return (
    <section class="panel" id="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <div class="field wide">
          <label for="set-task">Task</label>
          <select id="set-task" value={task} onChange={({ currentTarget }) => void chooseTask(currentTarget.value)}>
            {(known?.tasks.map(({ name }) => name) ?? [task]).map((name) => (
              <option key={name} value={name}>
                {TASK_LABELS[name] ?? name}
              </option>
            ))}
          </select>
          <Fault name="task" />
          <p class="fine">{TASK_WORDS[task]}</p>
        </div>
        <div class="wide">
          <Field name="controller" label="Controller" choices={known?.controllers ?? ['lstm']} />
        </div>
        {MEMORY.map((field) => (
          <Field key={field.name} {...field} />
        ))}
        {LEARNING.map((field) => (
          <Field key={field.name} {...field} />
        ))}
        <details class="wide">
          <summary>More settings</summary>
          <div class="fields">
            {MORE.map((field) => (
              <Field key={field.name} {...field} />
            ))}
            {options.map(({ name, choices }) => (
              <Field key={name} name={name} label={worded(name)} {...(choices && { choices })} />
            ))}
          </div>
        </details>
        {unplaced && (
          <p class="fault wide" role="alert">
            {unplaced}
          </p>
        )}
      </form>
    </section>
  );
};
