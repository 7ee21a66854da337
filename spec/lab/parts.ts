/** Parts of the lab's page, as its specs find and press them. */
import type { Page } from 'playwright';

/** The address of the page with the shipped model of copy. */
export const SHIPPED = 'model=copy.safetensors';

export const button = (page: Page, name: string, group = 'Training') => page.getByRole('group', { name: group, exact: true }).getByRole('button', { name, exact: true });
export const number = async (page: Page, name: string): Promise<number> => Number((await page.locator(`#train [data-number="${name}"]`).textContent())!.replaceAll(',', ''));
export const verdict = (page: Page) => page.locator('[data-wrong]');

/** A place on a heat map, in cells. */
export const press = async (page: Page, title: string, row: number, column: number, rows: number, columns: number): Promise<void> => {
  const canvas = page.locator(`[data-map="${title}"] canvas`).first();
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.click({ position: { x: ((column + 0.5) / columns) * width, y: ((row + 0.5) / rows) * height } });
};
