/** The licences of packages and of all that these are made of, as one text. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The folder of a package, as somebody in `from` gets it. */
const folderOf = (name: string, from: string): string => {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(from) === from) throw new Error(`${name} is not installed`);
  return folderOf(name, dirname(from));
};

const collect = (name: string, from: string, found: Map<string, string>): void => {
  const folder = folderOf(name, from);
  const { name: own, version, license = 'see its documents', dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const title = `${own} ${version}, ${license}`;
  if (found.has(title)) return;
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  found.set(title, file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim());
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, found);
};

/** Of what is imported by these names. */
export const licencesOf = (names: readonly string[]): string => {
  const found = new Map<string, string>();
  for (const name of names) collect(/^(@[^/]+\/)?[^/]+/.exec(name)![0], realpathSync('.'), found);
  return [...found].map(([title, text]) => `${title}\n${'='.repeat(title.length)}\n\n${text}\n`).join('\n\n');
};
