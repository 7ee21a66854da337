/** docs/proof.md lists the laws that there are. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LAWS } from './all.js';
import { lawsTable } from './table.js';

it('docs/proof.md has the table of all laws', () => {
  const page = readFileSync('docs/proof.md', 'utf8');
  for (const line of lawsTable().split('\n')) expect(page).toContain(line);
});

it('every law has a name of its own', () => {
  const names = Object.values(LAWS).flat().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
