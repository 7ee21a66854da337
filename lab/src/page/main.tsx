/** The page begins: what the address says, else a new model by default settings. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { attempt, change, loadShipped, reset } from './actions.js';
import { fromAddress, toAddress } from './address.js';
import { App } from './app.js';
import { refresh } from './look.js';
import { checked, head, ready, settings, sides, slots, time, wanted } from './state.js';
import { worker } from './worker.js';

const SHIPPED = /^[a-z-]+\.safetensors$/;

const begin = async (): Promise<void> => {
  const place = fromAddress(location.hash);
  settings.value = place.settings;
  wanted.value = place.wanted;
  slots.value = place.slots;
  time.value = place.time;
  head.value = place.head;
  ready.value = await worker.ready();
  checked.value = await worker.check(place.settings);
  if (place.model !== null && SHIPPED.test(place.model)) await loadShipped('a', place.model);
  else if (checked.value.fault === null) await reset();
  else await change({});
  await refresh.b();
};

/** The address follows what is shown. */
const follow = (): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const name = sides.a.name.value;
    const place = toAddress({
      settings: settings.value, model: name !== null && SHIPPED.test(name) ? name : null, wanted: wanted.value,
      slots: slots.value, time: time.value, head: head.value, beside: null,
    });
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, '', `${location.pathname}${location.search}${place && `#${place}`}`), 250);
  });
};

render(<App />, document.getElementById('app')!);
void attempt(begin).then(follow);
