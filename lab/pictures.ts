/**
 * Screenshots of the lab: docs/lab.png, of a model that has just learned to copy; and in runs/lab the whole page at
 * 360, 768 and 1,440 pixels, in both schemes, to be looked at. `npx tsx lab/pictures.ts`.
 */
import { mkdirSync } from 'node:fs';
import { openLab, settled } from '../spec/lab/lab-page.js';
import { chromium, CHROMIUM_MISSING } from '../spec/support/chromium.js';

if (!chromium) throw new Error(CHROMIUM_MISSING);
const lab = await openLab(chromium);
mkdirSync('runs/lab', { recursive: true });

const trained = await lab.page('draw=2', { viewport: { width: 1440, height: 1240 }, colorScheme: 'light' });
await settled(trained.page);
await trained.page.getByRole('button', { name: 'Play', exact: true }).click();
await trained.page.locator('#train [data-solved="true"]').waitFor({ timeout: 120_000 });
await trained.page.waitForTimeout(3000);
await trained.page.getByRole('button', { name: 'Pause', exact: true }).click();
await trained.page.getByRole('button', { name: 'Play', exact: true }).waitFor();
await trained.page.waitForTimeout(1500);
await trained.page.screenshot({ path: 'docs/lab.png' });
await trained.context.close();

for (const width of [360, 768, 1440]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, context } = await lab.page('model=copy.safetensors&beside=copy-feed-forward.safetensors', { viewport: { width, height: 900 }, colorScheme });
    await settled(page);
    await page.locator('[data-wrong-beside]').waitFor();
    await page.getByRole('button', { name: 'Erase' }).click();
    await page.locator('[data-turned]').waitFor();
    // Clicking scrolled, and what is sticky would stand in the middle of the whole page.
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: `runs/lab/${width}-${colorScheme}.png`, fullPage: true });
    await context.close();
  }
}
await lab.close();
