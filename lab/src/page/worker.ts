/** The page's worker; what it tells goes to whoever listens. */
import { openWorker } from '../worker/client.js';
import type { Told } from '../worker/messages.js';
import { fault } from './state.js';

let listener: (told: Told) => void = () => undefined;
export const onTold = (listen: (told: Told) => void): void => {
  listener = listen;
};

export const worker = openWorker(
  (told) => listener(told),
  (message) => {
    fault.value = `The worker stopped: ${message}. Reload the page.`;
  },
);
