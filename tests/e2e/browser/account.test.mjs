// What people live through with an account, in a real browser: factors, lost things, passkeys, languages, no JavaScript.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { App, passkeyDevice } from '../harness/authenticator.mjs';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { onEachDatabase } from '../harness/database.mjs';
import { startPlace } from '../harness/place.mjs';

onEachDatabase('an account', (engine) => {
  let browser, place;

  before(async () => {
    [browser, place] = await Promise.all([startBrowser(), startPlace({ engine })]);
  });
  after(async () => {
    await browser?.close();
    await place?.stop();
  });

  const open = (options) => newPerson(browser, place.issuer, options);
  const go = (page, path) => page.goto(place.issuer + path);

  async function signIn(page, person) {
    await go(page, '/account');
    await typeLogin(page, person);
  }

  async function signOut(page) {
    await go(page, '/logout');
    await page.click('#logout-confirm');
    await page.waitForSelector('text=signed out');
  }

  /** Adds an authenticator app and makes recovery codes. */
  async function addApp(page) {
    await go(page, '/account/factors/totp');
    const app = new App(await page.innerText('#totp-secret'));
    await page.fill('input[name=code]', await app.code());
    await page.click('#totp-confirm');
    await page.click('#recovery-codes-make');
    const codes = await page.locator('.recovery-code').allInnerTexts();
    assert.equal(codes.length, 10);
    return { app, codes };
  }

  async function giveCode(page, code) {
    await page.fill('input[name=code]', code);
    await page.click('#mfa-submit');
  }

  it('is made by whoever shows that the address is theirs, and goes on to the application', async () => {
    const person = { username: 'katherine@example.com', password: 'quince lantern orbit' };
    const page = await open();
    await page.goto(place.authorize());
    await page.click('#login-sign-up');
    await page.fill('input[name=email]', person.username);
    await page.fill('input[name=password]', person.password);
    await page.click('#signup-submit');
    await page.waitForSelector('#message');
    await page.goto((await place.postbox.take(person.username, '/signup/confirm')).link('/signup/confirm'));
    await page.click('#link-confirm');
    const claims = await place.arrive(page);
    assert.deepEqual([claims.email, claims.email_verified], [person.username, true]);

    await signOut(page);
    await signIn(page, person);
    await page.waitForSelector('.owner');
  });

  it('keeps its old address if its owner has not changed it', async () => {
    const person = place.user('barbara');
    const page = await open();
    await signIn(page, person);
    await go(page, '/account/email');
    await page.fill('#email', 'thief@example.com');
    await page.click('#email-submit');
    await page.waitForSelector('#notice, #message');
    await page.goto((await place.postbox.take('thief@example.com', '/account/email/confirm')).link('/account/email/confirm'));
    await page.click('#link-confirm');
    const owner = await open();
    await owner.goto((await place.postbox.take(person.email, '/account/email/undo')).link('/account/email/undo'));
    await owner.click('#link-confirm');
    await owner.waitForLoadState();

    await go(page, '/account');
    await page.waitForSelector('#login-submit');
    await page.click('#forgot-password');
    await page.fill('input[name=username]', person.username);
    await page.click('#recover-submit');
    assert.ok((await place.postbox.take(person.email, '/recover/reset')).link('/recover/reset'));
    assert.deepEqual([...page.complaints, ...owner.complaints], []);
  });

  it('is kept by a second factor, also from whoever can read the mail', async () => {
    const person = place.user('ada');
    const page = await open();
    await signIn(page, person);
    const { app, codes } = await addApp(page);

    await signOut(page);
    await signIn(page, person);
    await giveCode(page, app.wrong());
    await page.waitForSelector('#mfa-error .bad');
    await giveCode(page, await app.code());
    await page.waitForSelector('.owner');

    await signOut(page);
    await signIn(page, person);
    await page.click('#mfa-recovery');
    await giveCode(page, codes[0]);
    await page.waitForSelector('.owner');
    await go(page, '/account/factors');
    assert.equal(await page.innerText('#codes-left'), '9');

    const thief = await open();
    await go(thief, '/account');
    await thief.click('#forgot-password');
    await thief.fill('input[name=username]', person.email);
    await thief.click('#recover-submit');
    await thief.waitForSelector('#recover-asked');
    await thief.goto((await place.postbox.take(person.email, '/recover/reset')).link('/recover/reset'));
    person.password = 'violet harbour ninety kites';
    await thief.fill('input[name=password]', person.password);
    await thief.click('#reset-submit');
    await thief.waitForSelector('#reset-done');
    await signIn(thief, person);
    await thief.waitForSelector('#mfa-submit');
    await go(thief, '/account');
    await thief.waitForSelector('#login-submit, #mfa-submit');

    await go(page, '/account');
    await typeLogin(page, person);
    await page.click('#mfa-recovery');
    await giveCode(page, codes[0]);
    await page.waitForSelector('#mfa-error .bad');
    await giveCode(page, codes[1]);
    await page.waitForSelector('.owner');
    assert.deepEqual([...page.complaints, ...thief.complaints], []);
  });

  it('is signed in to by a passkey alone, which is two factors', async () => {
    const person = place.user('grace');
    const page = await open();
    const device = await passkeyDevice(page);
    await signIn(page, person);
    await go(page, '/account/factors/passkey');
    await page.fill('input[name=name]', 'Phone');
    await page.click('#passkey-submit');
    await page.waitForSelector('#notice.good');
    assert.equal((await device.credentials()).length, 1);
    await device.present(false); // Autofill would use it at once.
    await signOut(page);

    await page.goto(place.authorize());
    await page.waitForSelector('#passkey-form:not([hidden])');
    await device.present(true);
    await page.click('#passkey-submit');
    const claims = await place.arrive(page);
    assert.equal(claims.acr, 'urn:latchkey:acr:mfa');
    const [credential] = await device.credentials();
    assert.ok(credential.signCount > 1);
  });

  it('is asked for more by an application that wants more', async () => {
    const person = place.user('edsger');
    const page = await open();
    await signIn(page, person);
    const { app, codes } = await addApp(page);
    await signOut(page);
    await signIn(page, person);
    await page.check('#remember-device');
    await giveCode(page, await app.code());
    await page.waitForSelector('.owner');
    await signOut(page);

    await page.goto(place.authorize());
    await typeLogin(page, person);
    const weak = await place.arrive(page);
    assert.notEqual(weak.acr, 'urn:latchkey:acr:mfa', 'a remembered browser proves nothing');

    await page.goto(place.authorize({ acr_values: 'urn:latchkey:acr:mfa' }));
    await page.waitForSelector('#mfa-submit, #login-submit');
    if (await page.locator('#login-submit').count()) {
      await page.fill('input[name=password]', person.password);
      await page.click('#login-submit');
    }
    await page.click('#mfa-recovery');
    await giveCode(page, codes[0]);
    const strong = await place.arrive(page);
    assert.equal(strong.acr, 'urn:latchkey:acr:mfa');
    assert.equal(strong.sub, weak.sub);
  });

  it('speaks German to a German browser, and to whoever chooses it', async () => {
    const german = await open({ locale: 'de-DE' });
    await go(german, '/account');
    assert.equal(await german.getAttribute('html', 'lang'), 'de');
    assert.equal(await german.innerText('#login-submit'), 'Anmelden');

    const page = await open();
    await go(page, '/account');
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await page.click('footer li[lang=de] button');
    await page.waitForSelector('html[lang=de]');
    await go(page, '/');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    assert.deepEqual([...german.complaints, ...page.complaints], []);
  });

  it('is managed without JavaScript', async () => {
    const person = place.user('linus');
    const page = await open({ javaScriptEnabled: false });
    await signIn(page, person);
    await go(page, '/account/profile');
    await page.fill('input[name=nickname]', 'Li');
    await page.click('#profile-submit');
    await page.waitForSelector('#notice.good');
    const { app } = await addApp(page);
    await signOut(page);
    await signIn(page, person);
    assert.equal(await page.locator('#passkey-form').isVisible().catch(() => false), false);
    await giveCode(page, await app.code());
    await page.waitForSelector('.owner');
    await go(page, '/account/sessions');
    await page.click('#sign-out-everywhere');
    await go(page, '/account');
    await page.waitForSelector('#login-submit');
  });
});
