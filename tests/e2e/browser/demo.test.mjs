// The first thing that people see of Latchkey, in a real browser: the demo app of `latchkey dev`.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newPerson, picture, startBrowser, typeLogin } from '../harness/browser.mjs';
import { startDev } from '../harness/latchkey.mjs';

describe('the demo app', () => {
  let browser, dev, alice;

  before(async () => {
    [browser, dev] = await Promise.all([startBrowser(), startDev()]);
    alice = dev.persona('alice');
  });
  after(async () => {
    await browser?.close();
    await dev?.stop();
  });

  const person = () => newPerson(browser, dev.issuer);

  it('lets alice sign in by typing, consent, take the whole tour and sign out', async () => {
    const page = await person();
    await page.goto(dev.issuer);
    await picture(page, '01-landing');
    await page.goto(dev.demo);
    await picture(page, '02-demo');

    await page.click('#demo-sign-in');
    assert.equal(await page.getAttribute('input[name=username]', 'autocomplete'), 'username');
    assert.equal(await page.getAttribute('input[name=password]', 'autocomplete'), 'current-password');
    await picture(page, '03-login');
    await typeLogin(page, alice);

    await page.waitForSelector('#consent-allow');
    await picture(page, '04-consent');
    await page.click('#consent-allow');

    await page.waitForSelector('#demo-claims');
    assert.equal(new URL(page.url()).pathname, '/demo');
    assert.match(await page.innerText('#demo-claims'), new RegExp(dev.issuer));
    assert.match(await page.innerText('#demo-userinfo'), /alice/);
    await picture(page, '05-signed-in');

    await act(page, 'refresh', /grant_type=refresh_token/);
    await act(page, 'verify', /jwks/);
    await act(page, 'machine-token', /grant_type=client_credentials/);
    await act(page, 'introspect', /"active":\s*true/);
    await act(page, 'revoke', /"active":\s*false/);
    await picture(page, '06-tour');

    await page.click('#demo-sign-out');
    await confirmLogout(page);
    await page.waitForSelector('#demo-signed-out');
    await picture(page, '07-signed-out');

    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.waitForSelector('#login-submit');
    assert.deepEqual(page.complaints, []);
  });

  it('signs a persona in with one click, and asks for consent only once', async () => {
    const page = await person();
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.click('button[data-persona=bob]');
    await page.click('#consent-allow');
    await page.waitForSelector('#demo-claims');
    assert.match(await page.innerText('#demo-userinfo'), /bob/);

    const elsewhere = await person();
    await elsewhere.goto(dev.demo);
    await elsewhere.click('#demo-sign-in');
    await elsewhere.click('button[data-persona=bob]');
    await elsewhere.waitForSelector('#demo-claims, #consent-allow');
    assert.equal(await elsewhere.locator('#consent-allow').count(), 0, 'bob has consented already');
    assert.deepEqual([...page.complaints, ...elsewhere.complaints], []);
  });

  it('goes back to the app when alice cancels, and the app lets her try again', async () => {
    const page = await person();
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.click('#login-cancel');
    await page.waitForURL(/\/demo/);
    assert.match(page.url(), /error=access_denied/);
    await page.waitForSelector('#demo-error');
    await picture(page, '08-cancelled');
    await page.click('#demo-retry');
    await typeLogin(page, alice);
    await arrive(page);
  });

  it('tells of a wrong password without saying what was wrong, and goes on with the right one', async () => {
    const page = await person();
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await typeLogin(page, alice, 'not her password');
    const wrongPassword = await page.innerText('#login-error');
    assert.notEqual(wrongPassword.trim(), '');
    await picture(page, '09-wrong-password');

    await typeLogin(page, { username: 'nobody-of-that-name' }, 'whatever');
    assert.equal(await page.innerText('#login-error'), wrongPassword);
    assert.equal(await page.inputValue('input[name=password]'), '');

    await typeLogin(page, alice);
    await arrive(page);
  });

  it('does not ask again while alice is signed in', async () => {
    const page = await person();
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await typeLogin(page, alice);
    await arrive(page);
    await page.context().clearCookies({ path: '/demo' });
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.waitForSelector('#demo-claims');
  });

  it('works without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await typeLogin(page, alice);
    await arrive(page);
  });

  /** Presses the button of one step and waits for its card, which shows the request or the answer that matches. */
  async function act(page, step, shows) {
    await page.click(`#demo-${step}`);
    const card = page.locator(`[data-step="${step}"]`).last();
    await card.waitFor();
    assert.match(await card.textContent(), shows);
    assert.equal(await card.getAttribute('data-outcome'), 'done', await card.innerText());
  }

  async function confirmLogout(page) {
    await page.waitForSelector('#logout-confirm, #demo-signed-out');
    const confirm = page.locator('#logout-confirm');
    if (await confirm.count()) await confirm.click();
  }
});

/** To the claims, over the consent page where it is shown. */
async function arrive(page) {
  await page.waitForSelector('#consent-allow, #demo-claims');
  const allow = page.locator('#consent-allow');
  if (await allow.count()) await allow.click();
  await page.waitForSelector('#demo-claims');
}
