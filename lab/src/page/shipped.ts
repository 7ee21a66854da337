/** The models that come with the page, by file. */
export const SHIPPED = [
  { file: 'copy.safetensors', words: 'Copy, LSTM' },
  { file: 'copy-feed-forward.safetensors', words: 'Copy, feed-forward' },
  { file: 'repeat.safetensors', words: 'Repeat copy, LSTM' },
  { file: 'repeat-feed-forward.safetensors', words: 'Repeat copy, feed-forward' },
] as const;

export const isShipped = (name: string | null): name is string => SHIPPED.some(({ file }) => file === name);
