/**
 * Mutants: the library with one thing changed, which the laws should notice.
 *
 *   npm run mutants -- --files kernels,src/model --sample 100 --seed 1 --json mutants.json
 *   npm run mutants -- --since main
 *
 * `--files` names folders or files (all), `--since` takes those that differ from a commit, `--sample` takes so
 * many of their mutants (all), `--seed` says which. `--quick` asks a fifth of the laws' cases, on webasm alone;
 * `--specs` asks the other specs of the folder too, of what the laws let live (seconds a mutant).
 * Ends with 1 where a mutant survives.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allMutants, filesIn, folderOf, FOLDERS, type Judged, openJudges, sampleOf, specsNotice } from '../spec/mutants/run.js';

const { values } = parseArgs({ options: { files: { type: 'string', default: Object.keys(FOLDERS).join() }, sample: { type: 'string' }, seed: { type: 'string', default: '1' }, json: { type: 'string' }, since: { type: 'string' }, quick: { type: 'boolean', default: false }, specs: { type: 'boolean', default: false } } });

const changed = values.since === undefined ? null : new Set(execFileSync('git', ['diff', '--name-only', values.since], { encoding: 'utf8' }).split('\n'));
const files = values.files.split(',').flatMap((name) => (name.endsWith('.ts') ? [name] : filesIn(name))).filter((file) => folderOf(file) !== '' && (changed?.has(file) ?? true));
const seed = Number(values.seed);
const all = allMutants(files);
const mutants = values.sample === undefined ? all : sampleOf(all, Number(values.sample), seed);
console.log(`${mutants.length} of ${all.length} mutants in ${files.length} files, seed ${seed}`);

const judges = openJudges(seed, values.quick);
for (const folder of new Set(files.map(folderOf))) {
  const { by, fault } = await judges.judge(null, `${folder}/`);
  if (by === null) continue;
  console.error(`without a mutant the laws of ${folder} do not hold: ${by}: ${fault ?? ''}`);
  judges.end();
  process.exit(1);
}
const judged: Judged[] = [];
for (const mutant of mutants) {
  const start = Date.now();
  const byLaws = await judges.judge(mutant);
  const verdict = byLaws.by === null && values.specs && (await specsNotice(mutant)) ? { by: 'a spec' } : byLaws;
  judged.push({ mutant, ...verdict, milliseconds: Date.now() - start });
  if (verdict.by === null) console.log(`survives: ${mutant.file}:${mutant.line}  ${mutant.what}`);
  if (values.json) writeFileSync(values.json, JSON.stringify(judged, null, 1));
}
judges.end();

console.log('\n| folder | mutants | killed | share |\n| --- | --- | --- | --- |');
for (const folder of new Set(files.map(folderOf))) {
  const own = judged.filter(({ mutant }) => folderOf(mutant.file) === folder);
  const killed = own.filter(({ by }) => by !== null).length;
  if (own.length > 0) console.log(`| ${folder} | ${own.length} | ${killed} | ${((100 * killed) / own.length).toFixed(1)}% |`);
}
process.exitCode = judged.some(({ by }) => by === null) ? 1 : 0;
