/** How these commands are called: from a clone by their sources, from the package by its bin. */
const inClone = import.meta.url.endsWith('.ts');

export const NTM = inClone ? 'npx tsx scripts/ntm.ts' : 'ntm';

/** The same as words of a process that has no wrapper, for those who signal it. */
export const NTM_WORDS: readonly string[] = inClone ? ['node', '--import', 'tsx', 'scripts/ntm.ts'] : ['ntm'];

/** The command of a script with a name of its own, which a clone alone has. */
export const callOf = (script: string): string => `npx tsx ${script}`;

/** The folder of the project or of the package. */
export const ROOT = new URL(inClone ? '../../' : '../../../', import.meta.url);
