/** The lab trains: its buttons, its settings, every task, two models. */
import { expect, it } from 'vitest';
import { type OpenLab, settled } from './lab-page.js';
import { button, number, SHIPPED, verdict } from './parts.js';

export const trains = (lab: () => OpenLab): void => {
  it('learns to copy with its default settings; pauses, steps, resets', async () => {
    const { page, context, said } = await lab().page();
    await settled(page);
    expect(Number(await verdict(page).getAttribute('data-wrong'))).toBeGreaterThan(20);
    await button(page, 'Play').click();
    await page.locator('#train [data-solved="true"]').waitFor();
    expect(await page.locator('#train [role="status"]').textContent()).toMatch(/^Solved after [\d,]+ sequences/);
    await button(page, 'Pause').click();
    await button(page, 'Play').waitFor();
    const paused = await number(page, 'sequences');
    await page.waitForTimeout(400);
    expect(await number(page, 'sequences')).toBe(paused);
    await expect.poll(() => verdict(page).getAttribute('data-wrong')).toBe('0');

    await button(page, 'Step').click();
    await expect.poll(() => number(page, 'sequences')).toBe(paused + 4);

    await button(page, 'Reset').click();
    await expect.poll(() => number(page, 'sequences')).toBe(0);
    const losses: string[] = [];
    for (let run = 0; run < 2; run++) {
      await button(page, 'Step').click();
      await expect.poll(() => number(page, 'sequences')).toBe(4);
      losses.push((await page.locator('output[aria-label="Loss"]').textContent())!);
      await button(page, 'Play').waitFor();
      await button(page, 'Reset').click();
      await expect.poll(() => number(page, 'sequences')).toBe(0);
    }
    expect(losses[0]).toMatch(/^0\.[5-9]/);
    expect(losses[1]).toBe(losses[0]);
    expect(said).toEqual([]);
    await context.close();
  });

  it('says what is wrong with settings beside the field', async () => {
    const { page, context } = await lab().page();
    await settled(page);
    await page.getByText('More settings').click();
    await page.getByLabel('Shift taps').fill('4');
    await page.getByLabel('Shift taps').press('Tab');
    await page.locator('#fault-taps').waitFor();
    expect(await page.locator('#fault-taps').textContent()).toMatch(/^wants an odd integer of at least 1, got 4/);
    expect(await page.getByLabel('Shift taps').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Memory slots').inputValue()).toBe('128');
    await page.getByLabel('Shift taps').fill('5');
    await page.getByLabel('Shift taps').press('Tab');
    await page.locator('#fault-taps').waitFor({ state: 'detached' });
    await page.getByLabel('Controller', { exact: true }).selectOption('feed-forward');
    await page.getByLabel('Controller layers').fill('2');
    await page.getByLabel('Controller layers').press('Tab');
    await expect.poll(() => page.locator('#fault-layers').textContent()).toContain('wants a recurrent controller');
    await context.close();
  });

  it('has every task', async () => {
    const { page, context, said } = await lab().page();
    for (const task of ['repeat-copy', 'recall', 'sort', 'ngrams']) {
      await page.locator(`#set-task option[value="${task}"]`).waitFor({ state: 'attached' });
      await page.locator('#set-task').selectOption(task);
      await expect.poll(() => page.evaluate('location.hash')).toContain(`task=${task}`);
      await settled(page);
    }
    expect(said).toEqual([]);
    await context.close();
  });

  it('compares two models on one sequence', async () => {
    const { page, context } = await lab().page(SHIPPED);
    await settled(page);
    await page.getByLabel('Beside it').selectOption('controller=none');
    await expect.poll(async () => Number(await page.locator('[data-wrong-beside]').getAttribute('data-wrong-beside'))).toBeGreaterThan(20);
    await button(page, 'Step', 'Training of the model beside').click();
    await page.locator('#beside').getByText('Paused after 4 sequences.').waitFor();
    await page.getByLabel('Beside it').selectOption('copy-feed-forward.safetensors');
    await expect.poll(() => page.locator('[data-wrong-beside]').getAttribute('data-wrong-beside')).toBe('0');
    await context.close();
  });
};
