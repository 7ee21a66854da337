/** What needs Node: files and worker threads. */
export { loadTensors, saveTensors, writeAtomically } from './io/files.js';
export { openNtm, saveNtm } from './node/files.js';
export { openLearner, threads, threadsFor } from './node/learner.js';
export { pickBackend } from './ntm/backend.js';
export { parallelLearner } from './workers/parallel.js';
