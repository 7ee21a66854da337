/** Rows of measurements, of whichever backends and from wherever, as one Markdown table. */
import { BACKENDS } from '../../src/gpu/backends.js';
import type { Row } from './measure.js';

const show = (error: number | undefined): string => (error === undefined ? '–' : error === 0 ? '0' : error.toExponential(1));

/** Backends side by side, operations below one another; where two rows are of one backend, the later counts. */
export const parityTable = (rows: readonly Row[]): string => {
  const byBackend = new Map(rows.map((row) => [row.backend, row]));
  const columns = BACKENDS.flatMap((backend) => byBackend.get(backend) ?? []);
  const names = [...new Set(columns.flatMap(({ operations }) => operations.map(({ operation }) => operation)))];
  const ofOperation = (name: string) => ({ operations }: Row): string => {
    const errors = operations.find(({ operation }) => operation === name);
    return errors ? `${show(errors.forward)} / ${show(errors.backward)}` : '';
  };
  const lines = [
    ['forward / backward', ...columns.map(({ backend }) => backend)],
    ['---', ...columns.map(() => '---')],
    ...names.map((name) => [name, ...columns.map(ofOperation(name))]),
    ['50 iterations: losses / weights', ...columns.map(({ training }) => `${show(training.losses)} / ${show(training.weights)}`)],
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};
