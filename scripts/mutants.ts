/**
 * Mutants: the library with one thing changed, which the laws should notice.
 *
 *   npm run mutants -- --files kernels,src/model --sample 100 --seed 1 --json mutants.json
 *
 * `--files` names folders or files (all), `--sample` takes so many of their mutants (all), `--seed` says which.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allMutants, filesIn, folderOf, FOLDERS, type Judged, openJudges, sampleOf } from '../spec/mutants/run.js';

const { values } = parseArgs({ options: { files: { type: 'string', default: Object.keys(FOLDERS).join() }, sample: { type: 'string' }, seed: { type: 'string', default: '1' }, json: { type: 'string' } } });

const files = values.files.split(',').flatMap((name) => (name.endsWith('.ts') ? [name] : filesIn(name))).filter((file) => folderOf(file) !== '');
const seed = Number(values.seed);
const all = allMutants(files);
const mutants = values.sample === undefined ? all : sampleOf(all, Number(values.sample), seed);
console.log(`${mutants.length} of ${all.length} mutants in ${files.length} files, seed ${seed}`);

const judges = openJudges(seed);
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
  const verdict = await judges.judge(mutant);
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
