/** The whole configuration as the part of the address after #, and back. What is as usual is left out. */
import type { Intervention, Settings, Wanted } from '../worker/messages.js';
import { fromWords, toWords } from './deeds.js';

export interface Place {
  readonly settings: Settings;
  /** A shipped model's file instead of a new one. */
  readonly model: string | null;
  readonly wanted: Wanted;
  readonly slots: number | null;
  /** Null where it is the first step of the answer. */
  readonly time: number | null;
  readonly head: number;
  readonly interventions: readonly Intervention[];
  /** What stands beside: a shipped file, or settings that differ (`seed=2`, `controller=none`). */
  readonly beside: string | null;
}

const OWN = ['model', 'draw', 'bits', 'run-slots', 'step', 'head', 'do', 'beside'] as const;

const numberOf = (text: string): number | string => (text !== '' && Number.isFinite(Number(text)) ? Number(text) : text);

/** A whole number of at least `least`; anything else counts as missing. */
const whole = (text: string | null, least = 0): number | null => {
  const value = Number(text);
  return text !== null && text !== '' && Number.isSafeInteger(value) && value >= least ? value : null;
};

export const toAddress = ({ settings, model, wanted, slots, time, head, interventions, beside }: Place): string => {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) words.set(name, String(value));
  for (const [size, value] of Object.entries(wanted.cell)) words.set(`of-${size}`, String(value));
  const own = {
    model,
    draw: wanted.seed === 1 ? null : wanted.seed,
    bits: wanted.bits,
    'run-slots': slots,
    step: time,
    head: head || null,
    beside,
  };
  for (const [name, value] of Object.entries(own)) if (value !== null) words.set(name, String(value));
  for (const each of interventions) words.append('do', toWords(each));
  return words.toString();
};

export const fromAddress = (hash: string): Place => {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const settings: Record<string, number | string> = {};
  const cell: Record<string, number> = {};
  for (const [name, value] of words) {
    const size = /^of-(.+)$/.exec(name)?.[1];
    if (size !== undefined) cell[size] = whole(value, 1) ?? 1;
    else if (!OWN.some((own) => own === name)) settings[name] = numberOf(value);
  }
  return {
    settings,
    model: words.get('model'),
    wanted: { cell, seed: whole(words.get('draw')) ?? 1, bits: words.get('bits') },
    slots: whole(words.get('run-slots'), 1),
    time: whole(words.get('step')),
    head: whole(words.get('head')) ?? 0,
    interventions: words.getAll('do').flatMap((each) => fromWords(each) ?? []),
    beside: words.get('beside'),
  };
};
