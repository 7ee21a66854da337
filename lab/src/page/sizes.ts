/** The longest sequence that is shown, the most of its other sizes, and the most slots. */
const LONGEST = 500;
const MOST = 50;
const MOST_SLOTS = 1024;

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value) || least));

export const mostOf = (size: string): number => (size === 'length' ? LONGEST : MOST);

/** A size as it can be shown, whatever was asked for. */
export const sizeWithin = (size: string, value: number, least: number): number => within(value, least, mostOf(size));

/** More slots than the model's own, or null for those. */
export const slotsWithin = (value: number | null, own: number): number | null => {
  const slots = value === null ? own : within(value, own, Math.max(own, MOST_SLOTS));
  return slots === own ? null : slots;
};
