/** The line that shows how far training is. */
import type { Report } from '../../src/training/trainer.js';

/** "12 s", "3 min", "1.5 h". */
export const duration = (seconds: number): string => (seconds < 90 ? `${seconds.toFixed(0)} s` : seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`);

/** Iteration, sequences, loss, wrong bits, speed, time left to the bound. */
export const progressLine = (report: Report, iterations: number, sequencesPerSecond: number, secondsPerStep: number): string => {
  const { state } = report;
  return [
    `iteration ${state.step}`,
    `${state.sequences} sequences`,
    ...(state.reach < 100 ? [`up to ${state.reach}`] : []),
    `loss ${state.runningLoss.toFixed(4)} nats/bit`,
    `${state.runningWrong.toFixed(2)} wrong bits/sequence`,
    `${sequencesPerSecond.toFixed(0)} sequences/s`,
    `at most ${duration((iterations - state.step) * secondsPerStep)} left`,
  ].join(' · ');
};
