// Every page, in each language, on a small phone, a phone and a desktop, light and dark: can everybody use it?

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { audit } from '../harness/audit.mjs';
import { startBrowser } from '../harness/browser.mjs';
import { walk } from '../harness/tour.mjs';
import { startTourPlace } from '../harness/tour_chapters.mjs';

describe('every page', { concurrency: true }, () => {
  let browser, place;

  before(async () => {
    [browser, place] = await Promise.all([startBrowser(), startTourPlace()]);
  });
  after(async () => {
    await browser?.close();
    await place?.stop();
  });

  for (const language of ['en', 'de']) {
    it(`can be used by everybody, in ${language}`, async () => {
      const problems = [];
      const look = async (page, name) => {
        const said = await page.getAttribute('html', 'lang');
        if (said !== language) problems.push(`${name}: is in ${said}`);
        problems.push(...await audit(page, name, language !== 'en'));
      };
      const complaints = await walk({ place, browser, language, look, read: async () => {} });
      assert.deepEqual([...problems, ...complaints], []);
    });
  }
});
