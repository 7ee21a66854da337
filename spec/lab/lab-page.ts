/** The lab as it is built, served from disk to pages of the installed Chromium. */
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium as launcher, type Page } from 'playwright';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS } from '../support/chromium.js';

const CONFIG = fileURLToPath(new URL('../../lab/vite.config.ts', import.meta.url));

export interface OpenLab {
  readonly url: string;
  readonly browser: Browser;
  /** A page at an address (after #), and all that it wrote to the console or threw. */
  readonly page: (place?: string, options?: BrowserContextOptions) => Promise<LabPage>;
  readonly close: () => Promise<void>;
}

export interface LabPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly said: readonly string[];
  /** Every address that was asked for. */
  readonly asked: readonly string[];
}

/** A sequence was answered, and looked into. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('[data-wrong]').waitFor();
  await page.locator('[data-map="Memory"], #inside p.line').first().waitFor();
};

export const openLab = async (executablePath: string, flags: readonly string[] = CHROMIUM_FLAGS): Promise<OpenLab> => {
  await build({ configFile: CONFIG, logLevel: 'warn' });
  const server = await preview({ configFile: CONFIG, logLevel: 'warn', preview: { port: 0 } });
  const browser = await launcher.launch({ executablePath, args: [...flags] });
  const url = server.resolvedUrls!.local[0]!;
  return {
    url,
    browser,
    page: async (place = '', options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      const [said, asked]: [string[], string[]] = [[], []];
      page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => said.push(error.message));
      context.on('request', (request) => asked.push(request.url()));
      await page.goto(`${url}${place && `#${place}`}`);
      return { page, context, said, asked };
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
};
