/** The installed Chromium, in which the specs run on GPU.js's browser backends; nothing is downloaded. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Backend } from '../../src/gpu/backends.js';

/** What GPU.js has in browsers alone. Node may have webgpu too, through Dawn. */
export const IN_CHROMIUM = ['webgl', 'webgl2', 'webgpu'] as const satisfies readonly Backend[];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const named = process.env.NTM_CHROMIUM;

/** NTM_CHROMIUM, or the first of the usual names on the PATH; undefined where there is none. */
export const chromium = (named ? [named] : (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))).find(executable);

export const CHROMIUM_MISSING = named ? `there is no Chromium: NTM_CHROMIUM names ${named}, which cannot be run` : 'there is no Chromium: install one (Debian: apt install chromium), or name it in NTM_CHROMIUM';

/** WebGL and WebGPU without a graphics card, rendered by SwiftShader. */
export const CHROMIUM_FLAGS = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader', '--use-angle=swiftshader'];
