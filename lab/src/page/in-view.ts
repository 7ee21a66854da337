/** The maps that are drawn, worked out once for each answer and each step, however often the cursor moves. */
import { computed } from '@preact/signals';
import { differenceMap, errorMap, inputMap, outputMap, targetMap, weightingMaps } from './answer-maps.js';
import { changeMap, memoryMap } from './memory-maps.js';
import { answered, shown, sides } from './state.js';

export const inputInView = computed(() => shown.value && inputMap(shown.value));
export const targetInView = computed(() => shown.value && targetMap(shown.value));

export const answersInView = computed(() => (shown.value && answered.value ? [outputMap(shown.value, answered.value), errorMap(shown.value, answered.value)] : []));

export const differenceInView = computed(() => {
  const [sequence, before, after] = [shown.value, sides.a.answer.value, sides.a.changed.value];
  return sequence && before && after ? differenceMap(sequence, before, after) : null;
});

export const headsInView = computed(() => {
  const [info, sequence, answer] = [sides.a.info.value, shown.value, answered.value];
  return info && sequence && answer ? weightingMaps(info, answer, sequence.steps) : [];
});

/** Of the model beside. */
export const besideInView = computed(() => {
  const [info, sequence, answer] = [sides.b.info.value, shown.value, sides.b.answer.value];
  if (!info || !sequence || !answer) return [];
  return [outputMap(sequence, answer), errorMap(sequence, answer), ...weightingMaps(info, answer, sequence.steps).map(({ map }) => map)];
});

export const memoryInView = computed(() => {
  const detail = sides.a.detail.value;
  return detail && detail.memory.length > 0 ? [memoryMap(detail), changeMap(detail)] : [];
});
