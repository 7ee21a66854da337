/** The lab, built and used as a visitor uses it; one build and one Chromium for all. */
import { afterAll, beforeAll, describe } from 'vitest';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import { carries } from './carrying.js';
import { showsAndLetsIn } from './inside.js';
import { openLab, type OpenLab } from './lab-page.js';
import { isAPage } from './page.js';
import { trains } from './training.js';

const TIMEOUT = 120_000;

describe.skipIf(!chromium)(`the lab in Chromium${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, { timeout: TIMEOUT }, () => {
  let lab: OpenLab;
  beforeAll(async () => {
    lab = await openLab(chromium!);
  }, TIMEOUT);
  afterAll(() => lab.close());

  for (const room of [isAPage, trains, showsAndLetsIn, carries]) room(() => lab);
});
