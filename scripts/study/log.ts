import { readFile } from 'node:fs/promises';

/** The last line of a file that has words in it; null where there is none. */
export const lastLine = async (path: string): Promise<string | null> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').at(-1)?.trim() || null;
};
