/** Ends the process, with the exit code set before, once all that was written is out: Dawn, behind webgpu in Node, would keep it running. */
export const end = async (): Promise<never> => {
  for (const stream of [process.stdout, process.stderr]) await new Promise<void>((done) => stream.write('', () => done()));
  process.exit();
};
