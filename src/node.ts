/** What needs Node: files and worker threads. */
export { loadTensors, saveTensors, writeAtomically } from './io/files.js';
export { parallelLearner } from './workers/parallel.js';
