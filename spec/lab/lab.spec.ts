/** The lab, built and used as a visitor uses it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadNtm, type Steps } from '../../src/index.js';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import { openLab, type OpenLab, settled } from './lab-page.js';

/** The published weights of clemkoa/ntm, beside the repository where they are. */
const SEED = '../shared/seed-checkpoints/copy.pt';

const SHIPPED = 'model=copy.safetensors';
const TIMEOUT = 120_000;

const button = (page: Page, name: string, group = 'Training') => page.getByRole('group', { name: group, exact: true }).getByRole('button', { name, exact: true });
const number = async (page: Page, name: string): Promise<number> => Number((await page.locator(`#train [data-number="${name}"]`).textContent())!.replaceAll(',', ''));
const verdict = (page: Page) => page.locator('[data-wrong]');

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

/** A place on a heat map, in cells. */
const press = async (page: Page, title: string, row: number, column: number, rows: number, columns: number): Promise<void> => {
  const canvas = page.locator(`[data-map="${title}"] canvas`).first();
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.click({ position: { x: ((column + 0.5) / columns) * width, y: ((row + 0.5) / rows) * height } });
};

describe.skipIf(!chromium)(`the lab in Chromium${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, { timeout: TIMEOUT }, () => {
  let lab: OpenLab;
  beforeAll(async () => {
    lab = await openLab(chromium!);
  }, TIMEOUT);
  afterAll(() => lab.close());

  it('loads silently, asks nobody else, and is small', async () => {
    const { page, context, said, asked } = await lab.page();
    await settled(page);
    await expect.poll(() => page.evaluate('navigator.serviceWorker.ready.then(() => true)')).toBe(true);
    expect(said).toEqual([]);
    expect(asked.filter((address) => !address.startsWith(lab.url))).toEqual([]);
    const assets = readdirSync('lab/dist/assets').filter((name) => name.endsWith('.js'));
    const size = assets.reduce((sum, name) => sum + gzipSync(readFileSync(`lab/dist/assets/${name}`), { level: 9 }).length, 0);
    expect(size).toBeLessThan(350 * 1024);
    await context.close();
  });

  it('learns to copy with its default settings; pauses, steps, resets', async () => {
    const { page, context, said } = await lab.page();
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
    const { page, context } = await lab.page();
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
    const { page, context, said } = await lab.page();
    for (const task of ['repeat-copy', 'recall', 'sort', 'ngrams']) {
      await page.locator(`#set-task option[value="${task}"]`).waitFor({ state: 'attached' });
      await page.locator('#set-task').selectOption(task);
      await expect.poll(() => page.evaluate('location.hash')).toContain(`task=${task}`);
      await settled(page);
    }
    expect(said).toEqual([]);
    await context.close();
  });

  it('has one time cursor: slider, arrows, a press on a map', async () => {
    const { page, context } = await lab.page(`${SHIPPED}&step=5`);
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
    const { page, context } = await lab.page(SHIPPED);
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
      const { page, context } = await lab.page(place);
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
      const { page, context } = await lab.page(`${place}&head=1`);
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
      const { page, context } = await lab.page(place);
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

  it('gives weights away and takes them back', async () => {
    const { page, context } = await lab.page();
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
    const { page, context } = await lab.page();
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
    const { page, context, said } = await lab.page('task=nope&model=../secrets&of-length=9999999&of-width=3&head=77&step=-3&bits=zz&beside=everything&run-slots=1e12&do=nonsense&do=5_erase_9999&do=9999_erase_3&do=5_gate_h9_1_end&do=5_gate_h0_7_end&do=5_fill_1_1e9');
    await page.locator('#fault-task').waitFor();
    await page.locator('#set-task').selectOption('copy');
    await settled(page);
    expect(await page.getByLabel('Length', { exact: true }).inputValue()).toBe('20');
    await page.goto(`${lab.url}#of-length=9999999&head=77&step=100&bits=zz&do=nonsense&do=5_erase_9999&do=9999_erase_3&do=5_gate_h9_1_end&do=5_gate_h0_7_end&do=5_fill_1_1e9`);
    await settled(page);
    expect(await page.getByLabel('Length', { exact: true }).inputValue()).toBe('500');
    expect(await page.getByRole('list', { name: 'What you changed' }).count()).toBe(0);
    expect(said).toEqual([]);
    await context.close();
  });

  it('shows the same to whoever follows its address', async () => {
    const place = 'seed=3&readHeads=2&of-length=6&draw=4&bits=0123456789ab&step=9&head=1&do=8_erase_3&do=9_copy_4_5&do=9_fill_6_0.5&do=10_move_h1_17&do=10_gate_h2_1_end&beside=controller%3Dnone';
    const first = await lab.page(place);
    await settled(first.page);
    await first.page.locator('[data-wrong-beside]').waitFor();
    await first.page.waitForTimeout(400);
    const hash = await first.page.evaluate<string>('location.hash');
    const said = (words: string): readonly string[] => [...new URLSearchParams(words)].map((pair) => pair.join('=')).sort();
    expect(said(hash.slice(1))).toEqual(said(place));
    const second = await lab.page(hash.slice(1));
    await settled(second.page);
    await second.page.locator('[data-wrong-beside]').waitFor();
    for (const what of ['#inside-title', '#answer [data-wrong]', '[data-wrong-beside]', '.parameters dl', '.deeds', '[data-turned]']) {
      expect(await second.page.locator(what).textContent()).toBe(await first.page.locator(what).textContent());
    }
    await first.context.close();
    await second.context.close();
  });

  it('compares two models on one sequence', async () => {
    const { page, context } = await lab.page(SHIPPED);
    await settled(page);
    await page.getByLabel('Beside it').selectOption('controller=none');
    await expect.poll(async () => Number(await page.locator('[data-wrong-beside]').getAttribute('data-wrong-beside'))).toBeGreaterThan(20);
    await button(page, 'Step', 'Training of the model beside').click();
    await page.locator('#beside').getByText('Paused after 4 sequences.').waitFor();
    await page.getByLabel('Beside it').selectOption('copy-feed-forward.safetensors');
    await expect.poll(() => page.locator('[data-wrong-beside]').getAttribute('data-wrong-beside')).toBe('0');
    await context.close();
  });

  it('works without a network once loaded', async () => {
    const { page, context, said } = await lab.page();
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
    const { page, context } = await lab.page(`${SHIPPED}&beside=copy-feed-forward.safetensors`, { colorScheme, bypassCSP: true });
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
    const { page, context } = await lab.page('', { colorScheme: 'light' });
    await settled(page);
    const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    expect(await ground()).not.toBe(light);
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    expect(await ground()).toBe(light);
    await context.close();
  });

  it('names the shifts as the heads move', async () => {
    const { page, context } = await lab.page(`${SHIPPED}&step=5`);
    await settled(page);
    await page.getByRole('group', { name: 'Head to look at' }).getByRole('button', { name: 'Write head' }).click();
    const [before, after] = await page.locator('[data-map="wg"] canvas, [data-map="shifted"] canvas').evaluateAll((all) => all.map((each) => Number(/slot (\d+)/.exec(each.getAttribute('aria-label')!)![1])));
    expect(after! - before!).toBe(1);
    expect(await page.locator('.parameters').innerText()).toMatch(/\+1: (1|0\.9\d*)\b/);
    await context.close();
  });

  it('walks with a model that has learned to copy, if another is shown', async () => {
    const { page, context } = await lab.page('model=repeat.safetensors');
    await settled(page);
    await page.getByRole('button', { name: 'What am I looking at?' }).click();
    await page.getByRole('button', { name: 'take one trained before' }).click();
    await page.getByText('copy.safetensors: weights that were trained before.').waitFor();
    expect(await page.locator('.fitting').count()).toBe(0);
    await context.close();
  });

  it('walks through with the keyboard alone', async () => {
    const { page, context } = await lab.page(SHIPPED);
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
});
