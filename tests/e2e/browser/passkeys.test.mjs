// Passkeys in a real browser, with the authenticator in software that Chromium has for tests.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newPerson, picture, startBrowser, typeLogin } from '../harness/browser.mjs';
import { startDev } from '../harness/latchkey.mjs';

describe('passkeys', () => {
  let browser, dev, here;

  before(async () => {
    [browser, dev] = await Promise.all([startBrowser(), startDev()]);
    // Browsers know no passkeys of numbers.
    here = dev.issuer.replace('127.0.0.1', 'localhost');
  });
  after(async () => {
    await browser?.close();
    await dev?.stop();
  });

  /** Somebody with an authenticator. `verifies` says whether it knows its owner. */
  async function person(verifies = true) {
    const page = await newPerson(browser, here);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: verifies ? 'internal' : 'usb',
        hasResidentKey: verifies,
        hasUserVerification: verifies,
        isUserVerified: verifies,
        automaticPresenceSimulation: true,
      },
    });
    const touch = (enabled) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    return { page, touch, credentials };
  }

  async function add(page, persona, name) {
    await page.goto(`${here}/account/factors/passkey`);
    await typeLogin(page, dev.persona(persona));
    await page.waitForSelector('#passkey-submit:enabled');
    await page.fill('#name', name);
    await picture(page, '20-add-passkey');
    await page.click('#passkey-submit');
    await page.waitForURL(/\/account\/factors\?/);
    assert.match(await page.innerText('main'), new RegExp(name));
    await picture(page, '21-passkeys');
  }

  async function signOut(page) {
    await page.goto(`${here}/logout`);
    await page.click('#logout-confirm');
    await page.waitForSelector('h1');
  }

  it('are added, sign in alone by the button, and come after the password', async () => {
    const { page, touch, credentials } = await person();
    await add(page, 'alice', 'My laptop');
    const [credential] = await credentials();
    assert.equal(credential.isResidentCredential, true);
    assert.equal(credential.rpId, 'localhost');

    await signOut(page);
    await touch(false);
    await page.goto(`${here}/account`);
    await page.waitForSelector('#passkey-submit:enabled');
    assert.match(await page.getAttribute('input[name=username]', 'autocomplete'), /^username webauthn$/);
    await picture(page, '22-login-with-passkey');
    await touch(true);
    await page.click('#passkey-submit');
    await page.waitForURL(`${here}/account`);
    await page.waitForSelector('#sign-out');

    await signOut(page);
    await touch(false);
    await page.goto(`${here}/account`);
    await typeLogin(page, dev.persona('alice'));
    await page.waitForURL(/\/second-factor/);
    await picture(page, '23-second-factor-passkey');
    await touch(true);
    await page.click('#passkey-submit');
    await page.waitForURL(`${here}/account`);
    assert.deepEqual(page.complaints, []);
  });

  it('of a key that does not know its owner come after the password only', async () => {
    const { page } = await person(false);
    await add(page, 'bob', 'Old key');
    await signOut(page);
    await page.goto(`${here}/account`);
    await typeLogin(page, dev.persona('bob'));
    await page.click('#passkey-submit');
    await page.waitForURL(`${here}/account`);
    assert.deepEqual(page.complaints, []);
  });

  it('say in the page what did not work, and leave everything else to be used', async () => {
    const { page, touch } = await person();
    await page.goto(`${here}/account`);
    await page.waitForSelector('#passkey-submit:enabled');
    // There is none for this server.
    await page.click('#passkey-submit');
    await page.waitForSelector('[data-trouble=NotAllowedError]:visible');
    await picture(page, '24-no-passkey');
    await touch(true);
    await typeLogin(page, dev.persona('carol'));
    await page.waitForSelector('#mfa-submit');
  });

  it('are not offered under a number, where no browser has them', async () => {
    const page = await newPerson(browser, dev.issuer);
    await page.goto(`${dev.issuer}/account`);
    await page.waitForLoadState('load');
    assert.equal(await page.isVisible('#passkey-submit'), false);
    assert.equal(await page.getAttribute('input[name=username]', 'autocomplete'), 'username');
    assert.deepEqual(page.complaints, []);
  });
});
