/** Hands a file to whoever reads the page. */
export const download = (name: string, type: string, content: string | Uint8Array): void => {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};
