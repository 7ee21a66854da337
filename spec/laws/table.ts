/** The laws as docs/proof.md lists them. */
import { LAWS } from './all.js';
import type { Law } from './law.js';

type Topic = keyof typeof LAWS;

const WHERE: Readonly<Record<Topic, string>> = {
  operations: 'all', addressing: 'all', memory: 'all', activations: 'all', model: 'all', optimiser: 'all', machines: 'all', runs: 'those of Node', files: 'none',
};

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Operations share one law. */
const lines = (topic: Topic, laws: readonly Law[]): readonly string[] => {
  const [{ cases, tolerance }] = laws as readonly [Law];
  const spec = `\`laws/${topic}.spec.ts\``;
  if (topic === 'operations') return [row(`each of ${laws.length} operations, forward and backward, is the float64 oracle’s; and ⟨Jv, u⟩ = ⟨v, Jᵀu⟩ where it bends nowhere`, spec, WHERE[topic], `${laws.length} × ${cases}`, tolerance)];
  return laws.map((law) => row(law.name, spec, WHERE[topic], String(law.cases), law.tolerance));
};

export const lawsTable = (): string => [row('law', 'spec', 'backends', 'cases', 'tolerance'), row('---', '---', '---', '---', '---'), ...(Object.entries(LAWS) as [Topic, readonly Law[]][]).flatMap(([topic, laws]) => lines(topic, laws))].join('\n');
