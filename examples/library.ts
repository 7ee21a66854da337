import { createNtm, tasks } from 'ntm-gpu';
import { openNtm, saveNtm, threads } from 'ntm-gpu/node';

const ntm = await createNtm({ task: tasks.copy(), seed: 1, threads: threads() });
await ntm.train({ until: 'solved', onProgress: ({ sequences, wrongBits }) => console.log(`${sequences} sequences, ${wrongBits.toFixed(3)} wrong bits in each`) });
for (const { cell, perfect } of await ntm.evaluate({ cells: { length: 100 } })) console.log(`length ${cell.length}: ${(100 * perfect).toFixed(0)}% entirely right`);
await saveNtm(ntm, 'copy.safetensors');
await ntm.dispose();

const loaded = await openNtm('copy.safetensors');
const [delimiter, ...vectors] = [[0, 0, 0, 0, 0, 0, 0, 0, 1], [1, 0, 1, 1, 0, 0, 1, 0, 0], [0, 1, 1, 0, 1, 0, 0, 1, 0]];
const { output } = await loaded.run([...vectors, delimiter], { answers: 2 });
for (const row of output) console.log(Array.from(row, Math.round).join(' '));
await loaded.dispose();
