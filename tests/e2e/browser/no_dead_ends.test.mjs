// What people do in the middle of a sign-in: back, reload, a second tab, cookies gone, the server started anew. Every
// one of these ends in the app, or in a fresh sign-in for that app.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newPerson, picture, startBrowser, typeLogin } from '../harness/browser.mjs';
import { startDev } from '../harness/latchkey.mjs';

describe('a sign-in that is disturbed', () => {
  let browser, dev, alice, page;

  before(async () => {
    [browser, dev] = await Promise.all([startBrowser(), startDev()]);
    alice = dev.persona('alice');
  });
  beforeEach(async () => {
    page = await newPerson(browser, dev.issuer);
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.waitForSelector('#login-submit');
  });
  after(async () => {
    await browser?.close();
    await dev?.stop();
  });

  it('survives a reload of the login page', async () => {
    await page.reload();
    await arrive(page);
  });

  it('survives going back from a wrong password', async () => {
    await typeLogin(page, alice, 'wrong');
    await page.waitForSelector('#login-error:not(:empty)');
    await page.goBack();
    await arrive(page);
  });

  it('survives going back from the app to the login page', async () => {
    await arrive(page);
    await page.goBack();
    await page.goBack();
    await page.goto(dev.demo);
    await page.waitForSelector('#demo-claims');
  });

  it('survives the login form being sent again after the sign-in', async () => {
    const loginPage = page.url();
    await arrive(page);
    await page.goto(loginPage);
    await arrive(page);
  });

  it('survives a second tab that begins another sign-in, in either order', async () => {
    const second = await page.context().newPage();
    await second.goto(dev.demo);
    await second.click('#demo-sign-in');
    await second.waitForSelector('#login-submit');
    await arrive(page);
    await arrive(second);
  });

  it('survives the sign-in being finished in the other tab first', async () => {
    const second = await page.context().newPage();
    await second.goto(dev.demo);
    await second.click('#demo-sign-in');
    await arrive(second);
    await arrive(page);
  });

  it('survives the loss of the cookies of the provider', async () => {
    const cookies = await page.context().cookies();
    const others = cookies.filter((cookie) => cookie.path.startsWith('/demo'));
    await page.context().clearCookies();
    await page.context().addCookies(others);
    await typeLogin(page, alice);
    await picture(page, '20-cookies-lost');
    await arrive(page);
  });

  it('survives the loss of all cookies', async () => {
    await page.context().clearCookies();
    await typeLogin(page, alice);
    await arrive(page);
  });

  it('survives the loss of all cookies on the consent page', async () => {
    await page.context().clearCookies();
    await page.goto(`${dev.demo}`);
    await page.click('#demo-sign-in');
    await typeLogin(page, dev.persona('bob'));
    await page.waitForSelector('#consent-allow');
    await page.context().clearCookies();
    await page.click('#consent-allow');
    await picture(page, '21-cookies-lost-at-consent');
    await arrive(page, dev.persona('bob'));
  });

  it('survives a restart of the server', async () => {
    await dev.restart();
    await typeLogin(page, alice);
    await arrive(page);
  });

  /** Goes on as a person would, with whatever the page offers, until the claims are there. */
  async function arrive(tab, persona = alice) {
    const offers = '#demo-claims, #consent-allow, #login-submit, #restart, #demo-retry, #demo-sign-in';
    for (let step = 0; step < 8; step += 1) {
      await tab.waitForSelector(offers);
      if (await tab.locator('#demo-claims').count()) return;
      if (await tab.locator('#consent-allow').count()) await tab.click('#consent-allow');
      else if (await tab.locator('#login-submit').count()) await typeLogin(tab, persona);
      else if (await tab.locator('#restart').count()) await tab.click('#restart');
      else if (await tab.locator('#demo-retry').count()) await tab.click('#demo-retry');
      else await tab.click('#demo-sign-in');
    }
    assert.fail(`no way to the app from ${tab.url()}: ${await tab.innerText('body')}`);
  }
});
