/** What asks a run to end, and its exit codes. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof SIGNALS)[number];

/** 128 and the signal's number, as shells have it. */
export const exitCodeOf = (signal: StopSignal): 130 | 143 | 129 => ({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const)[signal];

/** Signals within this time are one: wrappers such as tsx send a signal again that they think was not heard. */
const ONE_MILLISECONDS = 1000;

/**
 * Tells the first signal from its echoes, and from one by which somebody insists: only the key of a terminal
 * does, pressed again. A closing terminal or a scheduler may send others over again, seconds apart.
 */
export const countSignals = (now: () => number): ((signal: StopSignal) => 'first' | 'echo' | 'insists') => {
  let first: { readonly signal: StopSignal; readonly at: number } | null = null;
  return (signal) => {
    if (first === null) {
      first = { signal, at: now() };
      return 'first';
    }
    return signal === 'SIGINT' && first.signal === 'SIGINT' && now() - first.at >= ONE_MILLISECONDS ? 'insists' : 'echo';
  };
};
