/** The lab shows and lets one in: cursor, own sequences, shifts, interventions. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { loadNtm, type Steps } from '../../src/index.js';
import { type OpenLab, settled } from './lab-page.js';
import { press, SHIPPED, verdict } from './parts.js';

/** Steps at which something done before a step turns bits of the answer over, by the library itself. */
const turnedBy = async (text: string, time: number, act: (steps: Steps) => unknown): Promise<readonly number[]> => {
  const rows = [...new TextEncoder().encode(text)].map((byte) => [...Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1), 0]);
  const [input, answers] = [[...rows, [0, 0, 0, 0, 0, 0, 0, 0, 1]], text.length];
  const ntm = await loadNtm(readFileSync('trained-models/copy.safetensors'));
  const steps = await ntm.steps(input, { answers });
  const before = await steps.finish();
  steps.rewind(time);
  await act(steps);
  const after = await steps.finish();
  await ntm.dispose();
  const bits = (outputs: Float32Array): string => Array.from(outputs, (value) => Number(value >= 0.5)).join('');
  return before.flatMap(({ time: t, output }) => (t >= time && bits(output) !== bits(after[t]!.output) ? [t] : []));
};

export const showsAndLetsIn = (lab: () => OpenLab): void => {
  it('has one time cursor: slider, arrows, a press on a map', async () => {
    const { page, context } = await lab().page(`${SHIPPED}&step=5`);
    await settled(page);
    const heading = page.locator('#inside-title');
    await page.locator('h1').click();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => heading.textContent()).toBe('Inside at step 6');
    await page.keyboard.press('End');
    await expect.poll(() => heading.textContent()).toBe('Inside at step 40');
    await page.getByRole('slider', { name: 'Time step', exact: true }).fill('7');
    await expect.poll(() => heading.textContent()).toBe('Inside at step 7');
    await page.getByRole('slider', { name: 'Time step', exact: true }).fill('37');
    await page.locator('#answer').getByRole('button', { name: 'Run through' }).click();
    await expect.poll(() => heading.textContent()).toBe('Inside at step 40');
    await press(page, 'Output', 2, 30, 8, 41);
    await expect.poll(() => heading.textContent()).toBe('Inside at step 30');
    await page.locator('[data-map="Memory"] canvas').hover({ position: { x: 3, y: 3 } });
    expect(await page.locator('.hover').textContent()).toMatch(/^slot 0, place 0: /);
    await context.close();
  });

  it('answers what one draws, by pointer and by keys, and text', async () => {
    const { page, context } = await lab().page(SHIPPED);
    await settled(page);
    await press(page, 'Input', 1, 0, 9, 41);
    await page.getByText('Drawn by you.').waitFor();
    const drawn = () => page.evaluate<string>(`new URLSearchParams(location.hash.slice(1)).get('bits') ?? ''`);
    await expect.poll(async () => (await drawn()).length).toBe(40);
    const first = await drawn();
    await page.locator('[data-map="Input"] canvas').press('ArrowRight');
    await page.locator('[data-map="Input"] canvas').press(' ');
    await expect.poll(drawn).not.toBe(first);
    const second = await drawn();
    expect(Number.parseInt(second.slice(2, 4), 16) ^ Number.parseInt(first.slice(2, 4), 16)).toBe(0x80);
    await expect.poll(() => verdict(page).getAttribute('data-wrong')).toBe('0');

    await page.getByLabel('Text as bits').fill('Hello, memory!');
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByText('Shown “Hello, memory!”, it answers “Hello, memory!”.').waitFor();
    await page.getByLabel('Length', { exact: true }).fill('120');
    await page.getByLabel('Length', { exact: true }).press('Tab');
    await expect.poll(() => verdict(page).textContent()).toContain('All 960 bits right');
    await context.close();
  });

  it('names the shifts as the heads move', async () => {
    const { page, context } = await lab().page(`${SHIPPED}&step=5`);
    await settled(page);
    await page.getByRole('group', { name: 'Head to look at' }).getByRole('button', { name: 'Write head' }).click();
    const [before, after] = await page.locator('[data-map="wg"] canvas, [data-map="shifted"] canvas').evaluateAll((all) => all.map((each) => Number(/slot (\d+)/.exec(each.getAttribute('aria-label')!)![1])));
    expect(after! - before!).toBe(1);
    expect(await page.locator('.parameters').innerText()).toMatch(/\+1: (1|0\.9\d*)\b/);
    await context.close();
  });

  describe('reaching in', () => {
    const text = 'Reach into me';
    const time = text.length + 4;
    const place = `${SHIPPED}&of-length=${text.length}&bits=${Buffer.from(text).toString('hex')}&step=${time}`;
    const turned = async (page: Page): Promise<readonly number[]> => {
      await page.locator('[data-turned]').waitFor();
      return (await page.locator('[data-turned]').getAttribute('data-turned'))!.split(' ').filter(Boolean).map(Number);
    };
    const slotOf = (page: Page) => page.getByLabel('Slot', { exact: true });

    it('erases a slot: exactly the row that was kept there is lost', async () => {
      const { page, context } = await lab().page(place);
      await settled(page);
      await page.getByRole('button', { name: 'Erase' }).click();
      const slot = Number(await slotOf(page).inputValue());
      const expected = await turnedBy(text, time, (steps) => steps.erase(slot));
      expect(expected).toHaveLength(1);
      expect(await turned(page)).toEqual(expected);
      await page.getByRole('button', { name: /^Undo/ }).click();
      await page.locator('[data-turned]').waitFor({ state: 'detached' });
      await expect.poll(() => verdict(page).getAttribute('data-wrong')).toBe('0');
      await context.close();
    });

    it('overwrites a slot with another: that row is given back twice', async () => {
      const { page, context } = await lab().page(`${place}&head=1`);
      await settled(page);
      const slots: string[] = [];
      for (const at of ['0', '2', String(text.length)]) {
        await page.getByRole('slider', { name: 'Time step', exact: true }).fill(at);
        await expect.poll(() => page.locator('[data-map="Memory"] canvas').getAttribute('aria-label')).toContain(`step ${at}:`);
        slots.push(await slotOf(page).inputValue());
      }
      await slotOf(page).fill(slots[0]!);
      await slotOf(page).press('Tab');
      await page.getByLabel('Slot to copy from').fill(slots[1]!);
      await page.getByLabel('Slot to copy from').press('Tab');
      await page.getByRole('button', { name: 'Overwrite' }).click();
      await page.getByText('it answers “aeach into me”.').waitFor();
      await context.close();
    });

    it('moves a head, forces its gate', async () => {
      const { page, context } = await lab().page(place);
      await settled(page);
      const own = Number(await slotOf(page).inputValue());
      const slot = own + 3;
      await slotOf(page).fill(String(slot));
      await slotOf(page).press('Tab');
      await page.getByRole('button', { name: /^Move to slot/ }).click();
      const moved = await turnedBy(text, time, (steps) => steps.move(0, slot));
      expect(moved.length).toBeGreaterThan(0);
      expect(await turned(page)).toEqual(moved);
      await page.getByRole('button', { name: /^Undo/ }).click();
      await page.locator('[data-turned]').waitFor({ state: 'detached' });

      await page.getByLabel('Gate', { exact: true }).fill('1');
      await page.getByLabel('Gate', { exact: true }).press('Tab');
      await page.getByLabel('How long the gate is forced').selectOption('end');
      await page.getByRole('button', { name: 'Force gate' }).click();
      const forced = await turnedBy(text, time, async (steps) => {
        while (steps.time < steps.length) await steps.step({ 0: { g: 1 } });
      });
      expect(forced.length).toBeGreaterThan(0);
      expect(await turned(page)).toEqual(forced);
      await context.close();
    });
  });
};
