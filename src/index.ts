/**
 * Train, evaluate, run, look into and save Neural Turing Machines:
 *
 *     const ntm = await createNtm({ task: tasks.copy(), seed: 1 });
 *     await ntm.train({ onProgress: ({ sequences, wrongBits }) => console.log(sequences, wrongBits) });
 *     const { output, weightings } = await ntm.run(rows, { answers: 20 });
 *
 * The same in Node, in a worker and in a page. The pure pieces are in `ntm-gpu/core`, files and threads in `ntm-gpu/node`.
 */
export { createNtm, type LoadOptions, loadNtm, type NtmOptions, type Settings } from './ntm/create.js';
export { NtmError, type NtmErrorCode } from './ntm/errors.js';
export type { Head } from './ntm/heads.js';
export type { EvaluateOptions, Ntm, SaveOptions, Sizes } from './ntm/ntm.js';
export type { Answered, RunOptions } from './ntm/run.js';
export type { BatchInput, Flat, Rows, SequenceInput } from './ntm/sequences.js';
export type { Before, Forced, ForcedHeads, HeadStep, Step, Steps } from './ntm/steps.js';
export { tasks } from './ntm/tasks.js';
export type { Progress, Threads, Trained, TrainingReport, TrainOptions, Until } from './ntm/train-options.js';
export type { CellResult } from './evaluation/evaluate.js';
export type { Backend } from './gpu/backends.js';
export type { ModelShape } from './model/shapes.js';
export type { Cell } from './tasks/cells.js';
export { type Definition as TaskDefinition, defineTask, type Task, withOptions } from './tasks/definition.js';
export type { Configuration } from './training/configuration.js';
