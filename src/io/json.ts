/** JSON out of files: read strictly, so that no two readers can see two different things in it. */
import * as E from 'fp-ts/lib/Either.js';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** The first key that an object of a valid JSON text has twice. */
const repeatedKey = (text: string): string | null => {
  const objects: Array<Set<string> | null> = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(null);
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      const keys = objects.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
    last = token;
  }
  return null;
};

/** Decodes UTF-8 without passing over what is not. */
export const decodeUtf8 = (bytes: Uint8Array): E.Either<string, string> =>
  E.tryCatch(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), () => 'not UTF-8');

/** The value of a JSON text whose objects have every key once; the fault ends "is …". */
export const parseStrictly = (text: string): E.Either<string, unknown> => {
  const parsed = E.tryCatch(() => JSON.parse(text) as unknown, () => 'not JSON');
  if (E.isLeft(parsed)) return parsed;
  const twice = repeatedKey(text);
  return twice === null ? parsed : E.left(`ambiguous: it has the key ${JSON.stringify(twice.slice(0, 80))} twice`);
};

/** A JSON value as an object of fields. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null);
