/** The lab as a page: silent, small, offline, in both schemes, for everybody; and its walk. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type OpenLab, settled } from './lab-page.js';
import { SHIPPED, verdict } from './parts.js';

export const isAPage = (lab: () => OpenLab): void => {
  it('loads silently, asks nobody else, and is small', async () => {
    const { page, context, said, asked } = await lab().page();
    await settled(page);
    await expect.poll(() => page.evaluate('navigator.serviceWorker.ready.then(() => true)')).toBe(true);
    expect(said).toEqual([]);
    expect(asked.filter((address) => !address.startsWith(lab().url))).toEqual([]);
    const assets = readdirSync('lab/dist/assets').filter((name) => name.endsWith('.js'));
    const size = assets.reduce((sum, name) => sum + gzipSync(readFileSync(`lab/dist/assets/${name}`), { level: 9 }).length, 0);
    expect(size).toBeLessThan(350 * 1024);
    await context.close();
  });

  it('works without a network once loaded', async () => {
    const { page, context, said } = await lab().page();
    await settled(page);
    await page.evaluate('navigator.serviceWorker.ready');
    await expect.poll(() => page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true);
    await context.setOffline(true);
    await page.reload();
    await settled(page);
    await page.getByRole('button', { name: 'Repeat copy, LSTM' }).click();
    await page.getByText('repeat.safetensors: weights that were trained before.').waitFor();
    await expect.poll(() => verdict(page).getAttribute('data-wrong')).toBe('0');
    expect(said).toEqual([]);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('has nothing that axe objects to, %s', async (colorScheme) => {
    const { page, context } = await lab().page(`${SHIPPED}&beside=copy-feed-forward.safetensors`, { colorScheme, bypassCSP: true });
    await settled(page);
    await page.locator('[data-wrong-beside]').waitFor();
    await page.getByRole('button', { name: 'Erase' }).click();
    await page.locator('[data-turned]').waitFor();
    await page.getByRole('button', { name: 'What am I looking at?' }).click();
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
    const { violations } = await page.evaluate<{ violations: ReadonlyArray<{ id: string; nodes: ReadonlyArray<{ html: string }> }> }>('axe.run()');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
    await context.close();
  });

  it('is dark or light as one chooses, whatever the system prefers', async () => {
    const { page, context } = await lab().page('', { colorScheme: 'light' });
    await settled(page);
    const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    expect(await ground()).not.toBe(light);
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    expect(await ground()).toBe(light);
    await context.close();
  });

  it('walks with a model that has learned to copy, if another is shown', async () => {
    const { page, context } = await lab().page('model=repeat.safetensors');
    await settled(page);
    await page.getByRole('button', { name: 'What am I looking at?' }).click();
    await page.getByRole('button', { name: 'take one trained before' }).click();
    await page.getByText('copy.safetensors: weights that were trained before.').waitFor();
    expect(await page.locator('.fitting').count()).toBe(0);
    await context.close();
  });

  it('walks through with the keyboard alone', async () => {
    const { page, context } = await lab().page(SHIPPED);
    await settled(page);
    await page.getByRole('button', { name: 'What am I looking at?' }).press('Enter');
    const next = page.getByRole('button', { name: 'Next' });
    for (let stop = 1; stop < 8; stop++) {
      await page.getByText(`Stop ${stop} of 8`).waitFor();
      await next.press('Enter');
    }
    await page.getByText('Stop 8 of 8').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Stop 8 of 8').waitFor({ state: 'detached' });
    await context.close();
  });
};
