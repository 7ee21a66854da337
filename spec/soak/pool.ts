/** So many at once, in order of beginning; results in order of the items. */
export const pooled = async <A, B>(items: readonly A[], atOnce: number, work: (item: A) => Promise<B>): Promise<readonly B[]> => {
  const results: B[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i]!);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
};
