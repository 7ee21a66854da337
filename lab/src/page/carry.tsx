/** Weights in and out, shipped models, a link to what is shown. */
import { useEffect, useState } from 'preact/hooks';
import { attempt, loadBytes, loadShipped } from './actions.js';
import { download } from './download.js';
import { SHIPPED } from './shipped.js';
import { sides } from './state.js';
import { worker } from './worker.js';

const save = (only: 'weights' | null): Promise<void> =>
  attempt(async () => {
    const bytes = await worker.save('a', only);
    const { info } = sides.a;
    download(`${info.peek()?.task?.name ?? 'ntm'}${only ? '-weights' : ''}.safetensors`, 'application/octet-stream', bytes);
  });

/** Files dropped anywhere on the page are loaded. */
const useDrop = (load: (file: File) => void): void =>
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      const [file] = event.dataTransfer?.files ?? [];
      if (file) load(file);
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  });

export const Carry = () => {
  const [legacy, setLegacy] = useState(false);
  const [copied, setCopied] = useState('');
  const load = (file: File): void => void attempt(async () => loadBytes('a', await file.arrayBuffer(), file.name, legacy));
  useDrop(load);
  const link = (): Promise<void> =>
    attempt(async () => {
      await navigator.clipboard.writeText(location.href);
      setCopied('Copied.');
      setTimeout(() => setCopied(''), 3000);
    });
  const none = !sides.a.info.value;
  return (
    <section class="panel" id="files" aria-labelledby="files-title">
      <h2 id="files-title">Models and files</h2>
      <p class="fine">Trained before, one click away, in place of the model above:</p>
      <div class="shipped" role="group" aria-label="Models trained before">
        {SHIPPED.map(({ file, words }) => (
          <button key={file} type="button" onClick={() => void loadShipped('a', file)}>
            {words}
          </button>
        ))}
      </div>
      <div class="files">
        <button type="button" disabled={none} onClick={() => void save('weights')}>
          Save weights
        </button>
        <button type="button" disabled={none || !sides.a.info.value?.settings} onClick={() => void save(null)} title="With all that training needs to go on exactly">
          Save training
        </button>
      </div>
      <div class="field">
        <label for="load">Load weights: .safetensors or PyTorch’s .pt, or drop them on the page</label>
        <input
          id="load"
          type="file"
          accept=".safetensors,.pt,.pth"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) load(file);
            currentTarget.value = '';
          }}
        />
      </div>
      <label class="check">
        <input type="checkbox" checked={legacy} onChange={({ currentTarget }) => setLegacy(currentTarget.checked)} />
        The write head starts from the read head’s weighting, as in clemkoa/ntm’s published weights
      </label>
      <div class="link">
        <button type="button" onClick={() => void link()}>
          Copy link to this
        </button>
        <span role="status">{copied}</span>
      </div>
      <p class="fine">
        The link holds what makes this page – seed and settings or a model that came with it, the sequence, the step, what you changed, what stands beside – but no weights. Whoever opens it and trains
        as long gets the same weights again; weights loaded from a file have to go along as a file.
      </p>
    </section>
  );
};
