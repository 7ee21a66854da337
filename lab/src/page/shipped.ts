/** The models that come with the page, by file. */
export const SHIPPED = [
  { file: 'copy.safetensors', words: 'Copy, LSTM' },
  { file: 'copy-feed-forward.safetensors', words: 'Copy, feed-forward' },
  { file: 'repeat.safetensors', words: 'Repeat copy, LSTM' },
  { file: 'repeat-feed-forward.safetensors', words: 'Repeat copy, feed-forward' },
  { file: 'recall.safetensors', words: 'Associative recall' },
  { file: 'ngrams.safetensors', words: 'Dynamic n-grams' },
  { file: 'sort.safetensors', words: 'Priority sort' },
] as const;

export const isShipped = (name: string | null): name is string => SHIPPED.some(({ file }) => file === name);
