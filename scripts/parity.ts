/**
 * How far every backend here lies from the float64 oracle, as a Markdown table: those of Node, and in a
 * page of Chromium, where one is installed, those of browsers.
 *
 *   npx tsx scripts/parity.ts [--json] [ROWS.json …]
 *
 * --json prints the measured rows instead; files of such rows, from another machine, are drawn into the
 * same table.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { measure, type Row, rowFaults } from '../spec/parity/measure.js';
import { parityTable } from '../spec/parity/table.js';
import { chromium, CHROMIUM_MISSING, IN_CHROMIUM } from '../spec/support/chromium.js';
import { openChromium } from '../spec/support/page.js';
import { type Backend, BACKENDS, probe } from '../src/gpu/backends.js';
import { end } from './command/end.js';

const inPages = async (executablePath: string): Promise<Row[]> => {
  const { page: open, close } = await openChromium(executablePath);
  const page = await open('spec/parity/measure.ts');
  const rows: Row[] = [];
  for (const backend of IN_CHROMIUM) rows.push(await page.evaluate<Row>(`bundled.measure('${backend}')`));
  await close();
  return rows;
};

const inNode = async (backends: readonly Backend[]): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const backend of backends) {
    const found = await probe(backend)();
    if (E.isRight(found)) rows.push(await measure(backend));
    else process.stderr.write(`not measured here: ${found.left.message}\n`);
  }
  return rows;
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
const given = positionals.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as Row[]);
const paged: readonly Backend[] = chromium ? IN_CHROMIUM : [];
if (!chromium) process.stderr.write(`${CHROMIUM_MISSING}\n`);
const rows = [...given, ...(await inNode(BACKENDS.filter((backend) => !paged.includes(backend)))), ...(chromium ? await inPages(chromium) : [])];
process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `${parityTable(rows)}\n`);
const faults = rows.flatMap(rowFaults);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
await end();
