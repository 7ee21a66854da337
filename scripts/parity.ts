/**
 * How far every backend here lies from the float64 oracle, as a Markdown table:
 *
 *   npx tsx scripts/parity.ts [--json] [ROWS.json …]
 *
 * --json prints the measured rows instead; files of such rows, from a browser or another machine, are
 * drawn into the same table.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { measure, type Row, rowFaults } from '../spec/parity/measure.js';
import { parityTable } from '../spec/parity/table.js';
import { BACKENDS, probe } from '../src/gpu/backends.js';

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
const rows: Row[] = positionals.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as Row[]);
for (const backend of BACKENDS) {
  const found = await probe(backend)();
  if (E.isRight(found)) rows.push(await measure(backend));
  else process.stderr.write(`not measured here: ${found.left.message}\n`);
}
process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `${parityTable(rows)}\n`);
const faults = rows.flatMap(rowFaults);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
