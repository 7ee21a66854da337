/** A task's options: what each may be, and what it is when nothing is said. */
import * as E from 'fp-ts/lib/Either.js';

interface Described {
  /** One line for the command's help. */
  readonly help: string;
}

/** A number from `least` to `most`; an integer, unless `real`. */
export interface NumberOption extends Described {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly real?: true;
}

/** One of a few words. */
export interface ChoiceOption extends Described {
  readonly default: string;
  readonly choices: readonly string[];
}

export type Options = Readonly<Record<string, NumberOption | ChoiceOption>>;

/** Values by option. */
export type Settings = Readonly<Record<string, number | string>>;

export type SettingsOf<O extends Options> = { readonly [K in keyof O]: O[K] extends { readonly choices: ReadonlyArray<infer C> } ? C : number };

/** An integer from `least`, to `most` if that is given. */
export const integerOption = (preset: number, help: string, least = 1, most = Infinity): NumberOption => ({ default: preset, least, most, help });

const wanted = (option: NumberOption | ChoiceOption): string => {
  if ('choices' in option) return option.choices.join(' or ');
  const kind = option.real ? 'a number' : 'an integer';
  return option.most === Infinity ? `${kind} of at least ${option.least}` : `${kind} from ${option.least} to ${option.most}`;
};

const fits = (option: NumberOption | ChoiceOption, value: unknown): boolean =>
  'choices' in option
    ? option.choices.some((choice) => choice === value)
    : typeof value === 'number' && value >= option.least && value <= option.most && (option.real ? Number.isFinite(value) : Number.isSafeInteger(value));

/** `minLength` above `maxLength`, and the like of it. */
const orderFault = (settings: Settings): string | null => {
  for (const [low, value] of Object.entries(settings)) {
    const high = low.replace(/^min/, 'max');
    const top = settings[high];
    if (high !== low && top !== undefined && value > top) return `${low} ${value} is above ${high} ${top}: lower the one or raise the other`;
  }
  return null;
};

/** The defaults with some changed; a fault begins with the option's name. */
export const settle = <O extends Options>(options: O, changes: Readonly<Record<string, unknown>>): E.Either<string, SettingsOf<O>> => {
  for (const [name, value] of Object.entries(changes)) {
    const option = options[name];
    if (!option) return E.left(`${name} is not an option of this task; it has ${Object.keys(options).join(', ') || 'none'}`);
    if (!fits(option, value)) return E.left(`${name} wants ${wanted(option)}, got ${JSON.stringify(value) ?? String(value)}`);
  }
  const settings = { ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])), ...changes } as Settings;
  const fault = orderFault(settings);
  return fault ? E.left(fault) : E.right(settings as SettingsOf<O>);
};
