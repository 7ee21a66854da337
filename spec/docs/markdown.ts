/** What the documents hold: code blocks, links, words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['.', 'docs', 'examples', 'trained-models'];

export const DOCUMENTS: readonly string[] = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

export interface Block {
  readonly file: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** What a comment just above it says: `run`, `prelude`, `needs: …`. */
  readonly mark: string;
  readonly code: string;
}

const FENCE = /^(?:<!-- ([^\n]*?) -->\n)?```(\w*)\n([^]*?)^```$/gm;

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

export const blocksOf = (file: string): readonly Block[] => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(FENCE)].map((match) => {
    const [whole, mark = '', language = '', code = ''] = match;
    return { file, line: lineOf(text, match.index + whole.indexOf('```')) + 1, language, mark, code };
  });
};

export const nameOf = ({ file, line }: Block): string => `${file}:${line}`;

/** The text without code blocks. */
export const proseOf = (file: string): string => readFileSync(file, 'utf8').replace(FENCE, '');

/** As `wc -w` counts them. */
export const wordsOf = (file: string): number =>
  readFileSync(file, 'utf8')
    .split(/\s+/)
    .filter((word) => word !== '').length;
