/** An action that runs once at a time: asked again meanwhile, it runs once more when it is done, however often it was asked. */
export const latest = (action: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await action();
    } while (again);
    running = null;
  };
  return () => {
    if (running) again = true;
    running ??= run().catch((error: unknown) => {
      running = null;
      throw error;
    });
    return running;
  };
};
