/** The page begins: what the address says, else a new model by default settings. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { attempt, change, hear, loadShipped, reset } from './actions.js';
import { fromAddress, toAddress } from './address.js';
import { App } from './app.js';
import { putBeside } from './beside.js';
import { canBeDone } from './deeds.js';
import { isShipped } from './shipped.js';
import { beside, checked, head, interventions, ready, settings, shown, sides, slots, time, wanted } from './state.js';
import { answerAt, intervened } from './look.js';
import { stayForOffline } from './offline.js';
import { worker } from './worker.js';

const begin = async (): Promise<void> => {
  const place = fromAddress(location.hash);
  settings.value = place.settings;
  wanted.value = place.wanted;
  slots.value = place.slots;
  time.value = place.time ?? -1;
  head.value = place.head;
  ready.value = await worker.ready();
  hear(await worker.check(place.settings));
  if (isShipped(place.model)) await loadShipped('a', place.model);
  else if (checked.value?.fault === null) await reset();
  else await change({});
  const [info, sequence, answer] = [sides.a.info.value, shown.value, sides.a.answer.value];
  if (info && sequence && answer) {
    interventions.value = place.interventions.filter((each) => canBeDone(each, info, sequence, answer.slots));
    await intervened();
  }
  if (place.beside !== null) await putBeside(place.beside);
};

/** The address follows what is shown. */
const follow = (): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const name = sides.a.name.value;
    const place = toAddress({
      settings: settings.value, model: isShipped(name) ? name : null, wanted: wanted.value,
      slots: slots.value, time: shown.value && time.value !== answerAt(shown.value) ? time.value : null, head: head.value, interventions: interventions.value, beside: beside.value === 'now' ? null : beside.value,
    });
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, '', `${location.pathname}${location.search}${place && `#${place}`}`), 250);
  });
};

/** Another address in the same tab: what our own changes of it do not tell. */
addEventListener('hashchange', () => location.reload());

render(<App />, document.getElementById('app')!);
void attempt(begin).then(follow).then(stayForOffline);
