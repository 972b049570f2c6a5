// Two accounts in one real browser: added, switched between by keyboard and without JavaScript, chosen, and signed out.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { startPlace } from '../harness/place.mjs';

describe('two accounts in one browser', () => {
  let browser, place;

  before(async () => {
    [browser, place] = await Promise.all([startBrowser(), startPlace()]);
  });
  after(async () => {
    await browser?.close();
    await place?.stop();
  });

  for (const javaScriptEnabled of [true, false]) {
    it(`are added, switched, chosen and signed out ${javaScriptEnabled ? '' : 'without JavaScript'}`, async () => {
      const first = place.user(`first-${javaScriptEnabled}`);
      const second = place.user(`second-${javaScriptEnabled}`);
      const page = await newPerson(browser, place.issuer, { javaScriptEnabled });
      const owner = () => page.innerText('.owner > .who');

      await page.goto(`${place.issuer}/account`);
      await typeLogin(page, first);
      await page.click('#add-account');
      await typeLogin(page, second);
      assert.match(await owner(), new RegExp(second.email));

      // By keyboard alone, on another page than the first.
      await page.goto(`${place.issuer}/account/profile`);
      await page.focus('#switch-account');
      await page.keyboard.press('Enter');
      await page.focus('#switch-to-1');
      await page.keyboard.press('Enter');
      await page.waitForSelector(`.owner > .who:has-text("${first.email}")`);
      assert.equal(new URL(page.url()).pathname, '/account/profile');

      await page.goto(place.authorize({ prompt: 'select_account' }));
      assert.equal(await page.locator('button[name=account]').count(), 2);
      await page.click('#account-2');
      await page.click('#consent-allow');
      await page.waitForSelector('#arrived');
      await page.goto(`${place.issuer}/account`);
      assert.match(await owner(), new RegExp(second.email), 'whoever was chosen is current');

      await page.goto(`${place.issuer}/logout`);
      await page.click('#logout-confirm');
      await page.click('#signed-out-account');
      assert.match(await owner(), new RegExp(first.email), 'the other one stays');
      await page.goto(`${place.issuer}/logout`);
      await page.click('#logout-confirm');
      await page.waitForSelector('text=signed out');
      assert.deepEqual(page.complaints.filter((line) => !line.includes(place.callback)), []);
      await page.context().close();
    });
  }
});
