/** The installed Chromium, in which the specs run on GPU.js's browser backends; nothing is downloaded. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** NTM_CHROMIUM, or the first of the usual names on the PATH; undefined where there is none. */
export const chromium = process.env.NTM_CHROMIUM ?? (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))).find(executable);

export const CHROMIUM_MISSING = 'no Chromium: install one (Debian: apt install chromium), or name it in NTM_CHROMIUM';

/** WebGL and WebGPU without a graphics card, rendered by SwiftShader. */
export const CHROMIUM_FLAGS = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader', '--use-angle=swiftshader'];
