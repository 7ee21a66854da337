/** The page. */
import { useEffect } from 'preact/hooks';
import { choose, scheme } from './colours.js';
import { useRunning } from './cursor.js';
import { moveTo } from './look.js';
import { Carry } from './carry.js';
import { Compare } from './compare.js';
import { SettingsForm } from './settings.js';
import { SlotBoard } from './slot-board.js';
import { fault, shown, time } from './state.js';
import { TimeBoard } from './time-board.js';
import { Train } from './train.js';
import { stop, Walk } from './walk.js';

const TAKES_ARROWS = 'input, select, textarea, [role="application"]';

/** Arrows move the time cursor wherever nothing else takes them. */
const useArrows = (): void =>
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || (event.target as Element).closest?.(TAKES_ARROWS)) return;
      const steps = shown.peek()?.steps ?? 0;
      const moves: Readonly<Record<string, number>> = { ArrowLeft: time.peek() - 1, ArrowRight: time.peek() + 1, Home: 0, End: steps - 1 };
      const to = moves[event.key];
      if (to === undefined || steps === 0) return;
      event.preventDefault();
      moveTo(to);
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);

export const App = () => {
  useArrows();
  useRunning();
  return (
    <>
      <header class="top">
        <div>
          <h1>The lab</h1>
          <p>A Neural Turing Machine – a neural network with a memory beside it, which it reads and writes through heads – learns here while you watch, and lets you reach into its memory.</p>
        </div>
        <nav>
          <button type="button" class="quiet" onClick={() => (stop.value = 0)}>
            What am I looking at?
          </button>
          <button type="button" class="quiet" onClick={() => choose(scheme.peek() === 'light' ? 'dark' : 'light')}>
            {scheme.value === 'light' ? 'Dark' : 'Light'}
          </button>
        </nav>
      </header>
      {fault.value && (
        <p class="fault banner" role="alert">
          {fault.value}
          <button type="button" class="quiet" onClick={() => (fault.value = null)}>
            Dismiss
          </button>
        </p>
      )}
      <main>
        <Train />
        <div class="boards">
          <TimeBoard />
          <SlotBoard />
          <Compare />
        </div>
        <SettingsForm />
        <Carry />
      </main>
      <Walk />
    </>
  );
};
