/** Longest line: a value out of a file or an option may be of any length. */
const MOST_CHARACTERS = 2000;

/** A text as one printable line: what would move a terminal's cursor, change its colours or turn its text about is spelled out. */
export const oneLine = (text: string): string => {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => (character === '\n' ? '\\n' : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`));
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
};

/** A value as it was given, fit for one line. */
export const show = (value: unknown): string => {
  const text = typeof value === 'number' || typeof value === 'function' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};
