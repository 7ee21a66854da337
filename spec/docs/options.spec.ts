/** docs/options.md is what the option tables say, and every option stands in one group. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultsOf, helpText } from '../../scripts/command/help.js';
import { GROUPS, OPTIONS } from '../../scripts/command/option-table.js';
import { optionsPage } from '../../scripts/docs/options-page.js';
import { builtIn } from '../../src/tasks/index.js';

it('is current: npm run docs:options', () => expect(readFileSync('docs/options.md', 'utf8')).toBe(optionsPage()));

it.each(Object.values(builtIn).map((task) => [task.name, task] as const))(
  '%s: help has every option once, under its group',
  (_, task) => {
    const help = helpText('ntm', task, { settings: {}, evaluateOnly: false });
    for (const title of Object.values(GROUPS)) expect(help).toContain(`\n${title}:\n`);
    for (const name of Object.keys(OPTIONS))
      expect(
        help.split('\n').filter((line) => line.startsWith(`  --${name} `) || line.startsWith(`  --${name}  `)),
        name,
      ).toHaveLength(1);
  },
);

it('the defaults shown are those of the preset and the controller asked for', () => {
  expect(defaultsOf(builtIn.copy, { preset: 'seed', batch: 7 })).toMatchObject({ optimizer: 'rmsprop', batch: 1 });
  expect(defaultsOf(builtIn.sort, { controller: 'feed-forward' })).toMatchObject({ readHeads: 8, hidden: 512 });
  expect(defaultsOf(builtIn.copy, { controller: 'nothing' })).toBeNull();
});
