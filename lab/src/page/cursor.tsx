/** The time cursor: one for all that is shown, wherever its slider stands. It runs by itself when asked to. */
import { useEffect } from 'preact/hooks';
import { goTo, moveTo } from './look.js';
import { running, shown, time } from './state.js';

const STEPS_A_SECOND = 9;

const last = (): number => (shown.peek()?.steps ?? 1) - 1;

/** Once in a page. */
export const useRunning = (): void => {
  const on = running.value;
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => {
      if (time.peek() >= last()) running.value = false;
      else goTo(time.peek() + 1);
    }, 1000 / STEPS_A_SECOND);
    return () => clearInterval(timer);
  }, [on]);
};

const toggle = (): void => {
  if (!running.peek() && time.peek() >= last()) moveTo(0);
  running.value = !running.peek();
};

export const Cursor = ({ of, name }: { readonly of: string; readonly name: string }) => {
  const end = (shown.value?.steps ?? 1) - 1;
  return (
    <div class="cursor">
      <label for={`time-${of}`}>
        Step <output>{time.value}</output> of {end}
      </label>
      <input id={`time-${of}`} type="range" min={0} max={end} value={time.value} aria-label={name} onInput={({ currentTarget }) => moveTo(Number(currentTarget.value))} />
      <button type="button" aria-pressed={running.value} onClick={toggle}>
        {running.value ? 'Stop' : 'Run through'}
      </button>
    </div>
  );
};
