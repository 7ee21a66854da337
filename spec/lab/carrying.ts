/** What goes in and out of the lab: weights, figures, addresses. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type OpenLab, settled } from './lab-page.js';
import { button, number, verdict } from './parts.js';

/** The published weights of clemkoa/ntm, beside the repository where they are. */
const SEED = '../shared/seed-checkpoints/copy.pt';

export const carries = (lab: () => OpenLab): void => {
  it('gives weights away and takes them back', async () => {
    const { page, context } = await lab().page();
    await settled(page);
    await button(page, 'Step').click();
    await expect.poll(() => number(page, 'sequences')).toBe(4);
    await button(page, 'Play').waitFor();
    const saved = async (name: string): Promise<Buffer> => {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
      return readFileSync(await file.path());
    };
    const [weights, training] = [await saved('Save weights'), await saved('Save training')];
    expect(training.length).toBeGreaterThan(weights.length * 3);
    await page.locator('#load').setInputFiles({ name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: weights });
    await page.getByText('mine.safetensors: weights that were trained before.').waitFor();
    expect((await saved('Save weights')).equals(weights)).toBe(true);
    await page.locator('#load').setInputFiles({ name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: training });
    await expect.poll(() => number(page, 'sequences')).toBe(4);
    await page.locator('#load').setInputFiles({ name: 'none.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from('nothing') });
    await page.locator('.banner').waitFor();
    const [svg] = await Promise.all([page.waitForEvent('download'), page.locator('#answer').getByRole('button', { name: 'Save as SVG' }).click()]);
    expect(readFileSync(await svg.path(), 'utf8')).toMatch(/^<svg [^]*Write head[^]*<\/svg>$/);
    for (let step = 0; step < 2; step++) {
      await button(page, 'Step').click();
      await button(page, 'Play').waitFor();
    }
    const [curves] = await Promise.all([page.waitForEvent('download'), page.locator('#train').getByRole('button', { name: 'Save curves as SVG' }).click()]);
    const drawn = readFileSync(await curves.path(), 'utf8');
    expect(drawn).toMatch(/^<svg [^]*Wrong bits per sequence[^]*Loss nats per bit[^]*<\/svg>$/);
    expect(drawn.match(/<polyline points="[\d.]+,[\d.]+ [\d.]+,[\d.]+"/g)).toHaveLength(2);
    await context.close();
  });

  it.skipIf(!existsSync(SEED))(`takes PyTorch's .pt, dropped on the page${existsSync(SEED) ? '' : `: ${SEED} is absent`}`, async () => {
    const { page, context } = await lab().page();
    await settled(page);
    await page.getByRole('checkbox').check();
    const bytes = readFileSync(SEED).toString('base64');
    const dropped = await page.evaluateHandle(`(() => {
      const files = new DataTransfer();
      files.items.add(new File([Uint8Array.from(atob('${bytes}'), (c) => c.charCodeAt(0))], 'copy.pt'));
      return files;
    })()`);
    await page.dispatchEvent('main', 'drop', { dataTransfer: dropped });
    await page.getByText('copy.pt: weights that were trained before.').waitFor();
    await expect.poll(() => verdict(page).getAttribute('data-wrong')).toBe('0');
    await context.close();
  });

  it('makes the best of an address that nobody would write', async () => {
    const { page, context, said } = await lab().page('task=nope&model=../secrets&of-length=9999999&of-width=3&head=77&step=-3&bits=zz&beside=everything&run-slots=1e12&do=nonsense&do=5_erase_9999&do=9999_erase_3&do=5_gate_h9_1_end&do=5_gate_h0_7_end&do=5_fill_1_1e9');
    await page.locator('#fault-task').waitFor();
    await page.locator('#set-task').selectOption('copy');
    await settled(page);
    expect(await page.getByLabel('Length', { exact: true }).inputValue()).toBe('20');
    await page.goto(`${lab().url}#of-length=9999999&head=77&step=100&bits=zz&do=nonsense&do=5_erase_9999&do=9999_erase_3&do=5_gate_h9_1_end&do=5_gate_h0_7_end&do=5_fill_1_1e9`);
    await settled(page);
    expect(await page.getByLabel('Length', { exact: true }).inputValue()).toBe('500');
    expect(await page.getByRole('list', { name: 'What you changed' }).count()).toBe(0);
    expect(said).toEqual([]);
    await context.close();
  });

  it('shows the same to whoever follows its address', async () => {
    const place = 'seed=3&readHeads=2&of-length=6&draw=4&bits=0123456789ab&step=9&head=1&do=8_erase_3&do=9_copy_4_5&do=9_fill_6_0.5&do=10_move_h1_17&do=10_gate_h2_1_end&beside=controller%3Dnone';
    const first = await lab().page(place);
    await settled(first.page);
    await first.page.locator('[data-wrong-beside]').waitFor();
    await first.page.waitForTimeout(400);
    const hash = await first.page.evaluate<string>('location.hash');
    const said = (words: string): readonly string[] => [...new URLSearchParams(words)].map((pair) => pair.join('=')).sort();
    expect(said(hash.slice(1))).toEqual(said(place));
    const second = await lab().page(hash.slice(1));
    await settled(second.page);
    await second.page.locator('[data-wrong-beside]').waitFor();
    for (const what of ['#inside-title', '#answer [data-wrong]', '[data-wrong-beside]', '.parameters dl', '.deeds', '[data-turned]']) {
      expect(await second.page.locator(what).textContent()).toBe(await first.page.locator(what).textContent());
    }
    await first.context.close();
    await second.context.close();
  });
};
