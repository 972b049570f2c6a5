// Signing in through another provider, in a real browser: one Latchkey through another, and through a provider of others.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { newPerson, picture, startBrowser, typeLogin } from '../harness/browser.mjs';
import { onEachDatabase } from '../harness/database.mjs';
import { startDev } from '../harness/latchkey.mjs';
import { startThirdParty } from '../harness/third_party.mjs';
import { startPlace } from '../harness/place.mjs';
import { asEnvironment, asSettings, startHome } from '../harness/upstream.mjs';

const ALICE = { username: 'alice', password: 'correct horse battery staple' };

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

/** Signs in at the other Latchkey, which asks for a password and, the first time, whether we may know who it is. */
async function signInAt(page, home, person = ALICE) {
  await page.waitForURL(`${home.issuer}/**`);
  await typeLogin(page, person);
}

onEachDatabase('one Latchkey through another', (engine) => {
  let home, place, page;

  before(async () => {
    home = await startHome({ engine });
    place = await startPlace({ engine, host: '127.0.0.1', settings: (issuer) => asSettings('home', home.knownTo(issuer)) });
    home.createUser(ALICE.username, ALICE.password);
  });
  beforeEach(async () => {
    page = await newPerson(browser, [place.issuer, home.issuer, place.callback]);
  });
  afterEach(async () => {
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
  after(async () => {
    await place?.stop();
    await home?.stop();
  });

  const through = () => page.click('button[name=provider][value=home]');
  const signOut = async () => {
    await page.goto(`${place.issuer}/logout`);
    await page.click('#logout-confirm');
    await page.waitForSelector('text=signed out');
  };

  it('makes an account, and finds it again without a word at home', async () => {
    await page.goto(place.authorize());
    await through();
    await signInAt(page, home);
    await page.click('#consent-allow');
    await page.waitForURL(`${place.issuer}/**`);
    const first = await place.arrive(page);
    assert.deepEqual([first.iss, first.email, first.email_verified], [place.issuer, 'alice@example.com', true]);
    assert.equal(first.acr, 'urn:latchkey:acr:password');
    assert.deepEqual(first.amr ?? [], [], 'how it was done there is not ours to tell');

    await signOut();
    await page.goto(place.authorize());
    await through();
    const second = await place.arrive(page);
    assert.equal(second.sub, first.sub);
  });

  it('is said no to at home, and the person goes on with a password', async () => {
    const person = place.user('paul');
    await page.goto(place.authorize());
    await through();
    await page.waitForURL(`${home.issuer}/**`);
    await page.click('#login-cancel');
    await page.waitForURL(`${place.issuer}/login*`);
    await page.waitForSelector('.notice:has-text("You did not sign in with Home")');
    await typeLogin(page, person);
    assert.equal((await place.arrive(page)).email, person.email);
  });

  it('is connected and disconnected on the account pages', async () => {
    const person = place.user('ursula');
    const there = { username: 'ula', password: 'velvet mountain seventeen' };
    home.createUser(there.username, there.password);
    await page.goto(`${place.issuer}/account/connections`);
    await typeLogin(page, person);
    await page.click('button[name=provider][value=home]');
    await signInAt(page, home, there);
    await page.click('#consent-allow');
    await page.waitForSelector('#notice.good');
    assert.match(await page.innerText('.rows'), /Home\s+ula@example\.com/);
    assert.match((await place.postbox.take(person.email)).text, /Home was connected to your account/);

    await signOut();
    await page.goto(place.authorize());
    await through();
    const claims = await place.arrive(page);
    assert.equal(claims.email, person.email, 'the account here, not the address there');

    await page.goto(`${place.issuer}/account/connections`);
    await page.click('.disconnect');
    if (await page.locator('#login-submit').count()) {
      await page.fill('input[name=password]', person.password);
      await page.click('#login-submit');
      await page.click('.disconnect');
    }
    await page.waitForSelector('#notice.good');
    assert.equal(await page.locator('.disconnect').count(), 0);
    assert.match((await place.postbox.take(person.email)).text, /connected account was removed/);

    await signOut();
    await page.goto(place.authorize());
    await through();
    const stranger = await place.arrive(page);
    assert.notEqual(stranger.sub, claims.sub, 'it is nobody here any more');
    assert.equal(stranger.email, 'ula@example.com');
  });
});

describe('the demo app through both', () => {
  let home, dev;

  before(async () => {
    home = await startHome();
    home.createUser(ALICE.username, ALICE.password);
    dev = await startDev({ environment: (issuer) => asEnvironment('home', { ...home.knownTo(issuer), trust_email: 'off' }) });
  });
  after(async () => {
    await dev?.stop();
    await home?.stop();
  });

  it('learns who it is, and signs out; and nobody loses their only way in', async () => {
    const page = await newPerson(browser, [dev.issuer, home.issuer]);
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.click('button[name=provider][value=home]');
    await signInAt(page, home);
    await page.click('#consent-allow');
    // The alice of the personas has that address: nobody is led into her account by the word of somebody else.
    await page.waitForURL(`${dev.issuer}/login*`);
    await page.waitForSelector('.notice:has-text("You seem to have an account here already")');
    await picture(page, '31-prove-first');
    await page.click('#login-cancel');

    const other = { username: 'otto', password: 'velvet mountain seventeen' };
    home.createUser(other.username, other.password);
    await page.goto(`${home.issuer}/logout`);
    await page.click('#logout-confirm');
    await page.waitForSelector('text=signed out');
    await page.goto(dev.demo);
    await page.click('#demo-sign-in');
    await page.click('button[name=provider][value=home]');
    await signInAt(page, home, other);
    await page.click('#consent-allow');
    await page.waitForURL(`${dev.issuer}/**`);
    await page.click('#consent-allow');
    await page.waitForSelector('#demo-claims');
    assert.match(await page.innerText('#demo-claims'), new RegExp(dev.issuer));
    assert.match(await page.innerText('#demo-userinfo'), /otto/);

    // Without an address that was proven here, and without a password.
    const account = await page.context().newPage();
    await account.goto(`${dev.issuer}/account/connections`);
    await account.click('.disconnect');
    await account.waitForSelector('#notice:not(.good)');
    assert.equal(await account.locator('.disconnect').count(), 1);
    await picture(account, '32-only-way-in');
    await account.close();

    await page.click('#demo-sign-out');
    await page.waitForSelector('#logout-confirm, #demo-signed-out');
    if (await page.locator('#logout-confirm').count()) await page.click('#logout-confirm');
    await page.waitForSelector('#demo-signed-out');
    assert.deepEqual(page.complaints, []);
  });
});

for (const posts of [false, true]) {
  describe(`node-oidc-provider${posts ? ' with response_mode=form_post' : ''}`, () => {
    let third, place;

    before(async () => {
      third = await startThirdParty({ posts });
      place = await startPlace({ host: '127.0.0.1', settings: (issuer) => asSettings('third', third.knownTo(issuer)) });
    });
    after(async () => {
      await place?.stop();
      third?.stop();
    });

    it('signs people in, the second time without asking', async () => {
      const page = await newPerson(browser, '');
      // Its pages want fonts from elsewhere.
      await page.context().route((url) => !['127.0.0.1', 'localhost'].includes(url.hostname), (route) => route.abort());
      await page.goto(place.authorize());
      await page.click('button[name=provider][value=third]');
      await page.fill('input[name=login]', 'trudy');
      await page.fill('input[name=password]', 'anything');
      await page.click('.login-submit');
      await page.click('.login-submit:has-text("Continue")');
      await page.waitForURL(`${place.issuer}/**`);
      const first = await place.arrive(page);
      assert.deepEqual([first.email, first.email_verified, first.name], ['trudy@third.example', true, 'trudy of the others']);

      await page.goto(`${place.issuer}/logout`);
      await page.click('#logout-confirm');
      await page.waitForSelector('text=signed out');
      const before = third.seen.length;
      await page.goto(place.authorize());
      await page.click('button[name=provider][value=third]');
      assert.equal((await place.arrive(page)).sub, first.sub);
      const calls = third.seen.slice(before).filter((one) => !one.includes(' /auth'));
      assert.deepEqual(calls, ['POST /token', 'GET /me'], 'metadata and keys are known');
    });

    it('says no, and that is told in a sentence', async () => {
      const page = await newPerson(browser, '');
      await page.context().route((url) => !['127.0.0.1', 'localhost'].includes(url.hostname), (route) => route.abort());
      await page.goto(place.authorize());
      await page.click('button[name=provider][value=third]');
      await page.click('a:has-text("Cancel")');
      await page.waitForURL(`${place.issuer}/login*`);
      await page.waitForSelector('.notice:has-text("You did not sign in with Third Party")');
    });
  });
}
