/**
 * Who wants to look at what a training changes waits for the boundary between two of its iterations; and the
 * training waits there for whoever is looking.
 */
export const boundaries = () => {
  let between = true;
  const waiting: Array<() => void> = [];
  const looking = new Set<Promise<unknown>>();

  const lookNow = <A>(look: () => Promise<A>): Promise<A> => {
    const found = look();
    looking.add(found);
    const done = (): void => void looking.delete(found);
    found.then(done, done);
    return found;
  };

  return {
    look: <A>(look: () => Promise<A>): Promise<A> =>
      between ? lookNow(look) : new Promise((resolve, reject) => void waiting.push(() => void lookNow(look).then(resolve, reject))),
    /** Between two iterations, or before the first, or after the last. */
    open: (): void => {
      between = true;
      waiting.splice(0).forEach((begin) => begin());
    },
    /** Before an iteration begins: once nobody looks any more. */
    close: async (): Promise<void> => {
      while (looking.size > 0) await Promise.allSettled([...looking]);
      between = false;
    },
  };
};
