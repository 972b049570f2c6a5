// oidc-client-ts, which none of us wrote, in a real browser and over https: the page that docs/integrate shows, as it stands there.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { certificate } from '../harness/certificate.mjs';
import { startServe } from '../harness/latchkey.mjs';
import { Page } from '../harness/page.mjs';
import { startWebsite } from '../harness/website.mjs';

const ALICE = { username: 'alice', password: 'correct horse battery staple' };

describe('oidc-client-ts over https', () => {
  let server, website, browser, page;

  before(async () => {
    [server, website, browser] = await Promise.all([
      startServe({ https: true }), startWebsite(), startBrowser({ pin: certificate().pin }),
    ]);
    server.createUser(ALICE.username, ALICE.password);
    const shown = new Page('oidc-client-ts.md', {
      '.latchkey/dev/latchkey.toml': server.config, 'http://127.0.0.1:8080': server.issuer, 'http://127.0.0.1:3000': website.origin,
    });
    const [command] = shown.blocks('sh');
    const [html] = shown.blocks('html');
    const serve = (path, register) => {
      website.files[path] = html.replace('CLIENT_ID', shown.register(register).id).replaceAll(`${website.origin}/`, `${website.origin}${path}`);
    };
    serve('/', command);
    const other = command.replaceAll(`${website.origin}/`, `${website.origin}/framed`);
    serve('/framed', `${other.trimEnd()} --grant authorization_code`);
  });
  after(async () => {
    await browser?.close();
    website?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    page = await newPerson(browser, [server.issuer, website.origin]);
  });
  afterEach(async () => {
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  const open = async (path) => {
    await page.goto(`${website.origin}${path}`);
    await page.waitForFunction(() => window.users);
  };

  /** Presses "Sign in" and does what a person does at the provider, who is asked for consent once; returns what the library then knows. */
  async function signIn() {
    await page.click('#sign-in');
    await page.waitForSelector('#login-submit');
    await typeLogin(page, ALICE);
    await page.waitForSelector('#who, #consent-allow');
    if (await page.locator('#consent-allow').count()) await page.click('#consent-allow');
    await page.waitForURL((url) => url.origin === website.origin && url.search === '');
    await page.waitForFunction(() => window.users);
    return page.evaluate(() => window.users.getUser());
  }

  const renew = () => page.evaluate(() => window.users.signinSilent().then(
    (user) => user, (error) => ({ error: error.error ?? error.message })));

  it('signs a person in, renews in an iframe by prompt=none, and signs out', async () => {
    await open('/framed');
    assert.equal(await page.innerText('#who'), 'Nobody is signed in');
    const first = await signIn();
    assert.equal(first.profile.iss, server.issuer);
    assert.equal(first.profile.email, 'alice@example.com');
    assert.equal(first.refresh_token, undefined);
    assert.equal(await page.innerText('#who'), `Hello ${first.profile.sub}`);

    const framed = page.waitForRequest((request) => request.url().includes('prompt=none'));
    const second = await renew();
    assert.notEqual((await framed).frame(), page.mainFrame());
    assert.equal(second.profile.sub, first.profile.sub);
    assert.notEqual(second.access_token, first.access_token);

    await page.click('#sign-out');
    await page.waitForSelector('#who:has-text("Nobody is signed in")');
    await page.waitForFunction(() => window.users);
    assert.equal(new URL(page.url()).origin, website.origin);
    assert.deepEqual(await renew(), { error: 'login_required' });
  });

  it('learns from the check_session_iframe that the person has signed out elsewhere', async () => {
    await open('/');
    await signIn();
    const elsewhere = await page.context().newPage();
    await elsewhere.goto(`${server.issuer}/logout`);
    await elsewhere.click('#logout-confirm');
    await elsewhere.waitForSelector('text=signed out');
    await page.waitForSelector('#who:has-text("Nobody is signed in")');
  });

  it('renews by the refresh token, and gives tokens back', async () => {
    await open('/');
    const first = await signIn();
    assert.ok(first.refresh_token);
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const second = await renew();
    assert.equal(second.profile.sub, first.profile.sub);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.ok(asked.includes('/token') && !asked.includes('/authorize'), asked.join(' '));

    await page.evaluate(() => window.users.revokeTokens());
    const answer = await fetch(`${server.issuer}/userinfo`, { headers: { authorization: `Bearer ${second.access_token}` } });
    assert.equal(answer.status, 401);
  });
});
