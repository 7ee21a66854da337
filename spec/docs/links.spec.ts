/** Links and paths in the documents lead somewhere; the README is short. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS, proseOf, wordsOf } from './markdown.js';

/** As GitHub makes them of headings. */
const anchorsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

/** A page that is announced: its mark goes once it is there. */
const PENDING = /<!-- pending: \w+ -->/;

const linksIn = (line: string): readonly string[] =>
  [...line.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(([, link, source]) => (link ?? source)!);

const leadsNowhere = (file: string, link: string): boolean => {
  if (/^https?:/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
};

/** Paths of this project in the text, from its root. */
const PATH = /`((?:src|kernels|spec|scripts|examples|docs|trained-models)\/[\w./-]*[\w/])`/g;

describe.each(DOCUMENTS)('%s', (file) => {
  const lines = proseOf(file).split('\n');

  it('has links that lead somewhere', () => {
    const lost = lines.flatMap((line) => linksIn(line).filter((link) => leadsNowhere(file, link) !== PENDING.test(line)));
    expect(lost).toEqual([]);
  });

  it('names files that there are', () => {
    const named = lines.flatMap((line) => [...line.matchAll(PATH)].map(([, path]) => path!));
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has pictures of modest size', () => {
    const pictures = lines
      .flatMap(linksIn)
      .filter((link) => link.endsWith('.png'))
      .map((link) => join(dirname(file), link));
    for (const picture of pictures) expect(statSync(picture).size, picture).toBeLessThan(200_000);
  });
});

it('the README has at most 900 words', () => expect(wordsOf('README.md')).toBeLessThanOrEqual(900));
