/** Modules of this project in pages of the installed Chromium. */
import { build } from 'esbuild';
import { chromium as launcher, type Page } from 'playwright';
import { CHROMIUM_FLAGS } from './chromium.js';

export interface OpenChromium {
  readonly pid: number;
  /** A page that has the exports of the module at `entry` as its global `bundled`. */
  readonly page: (entry: string) => Promise<Page>;
  /** A page that ran a script. */
  readonly run: (script: string) => Promise<Page>;
  readonly close: () => Promise<void>;
}

export const openChromium = async (executablePath: string, flags: readonly string[] = []): Promise<OpenChromium> => {
  const server = await launcher.launchServer({ executablePath, args: [...CHROMIUM_FLAGS, ...flags] });
  const browser = await launcher.connect(server.wsEndpoint());
  const run = async (script: string): Promise<Page> => {
    const page = await browser.newPage();
    // WebGPU needs a secure context, which about:blank is not.
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('http://localhost/');
    await page.addScriptTag({ content: script });
    return page;
  };
  return {
    pid: server.process().pid!,
    page: async (entry) => run((await build({ entryPoints: [entry], bundle: true, format: 'iife', globalName: 'bundled', platform: 'browser', write: false })).outputFiles[0]!.text),
    run,
    close: () => server.close(),
  };
};
