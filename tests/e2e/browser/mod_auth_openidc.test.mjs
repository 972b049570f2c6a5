// Apache with mod_auth_openidc in front of a page, over https: what docs/integrate shows, as it stands there, in a real browser.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { noApache, startApache } from '../harness/apache.mjs';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { certificate } from '../harness/certificate.mjs';
import { freePort, startServe, until } from '../harness/latchkey.mjs';
import { Page } from '../harness/page.mjs';

const ALICE = { username: 'alice', password: 'correct horse battery staple' };
const INDEX = '<!doctype html><title>Wiki</title><p id="who"><!--#echo var="REMOTE_USER" --> <!--#echo var="OIDC_CLAIM_email" --></p>';
const BYE = '<!doctype html><title>Wiki</title><p id="bye">Bye</p>';

describe('mod_auth_openidc over https', { skip: noApache }, () => {
  let folder, server, apache, browser, page;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
    const { ca, pin } = certificate();
    const port = await freePort();
    const site = `https://localhost:${port}`;
    const settings = [`[outbound]\nallow = ["localhost:${port}"]\nextra_ca_file = "${ca}"`];
    [server, browser] = await Promise.all([startServe({ https: true, settings }), startBrowser({ pin })]);
    server.createUser(ALICE.username, ALICE.password);
    const shown = new Page('mod_auth_openidc.md', {
      'https://wiki.example.com': site, [encodeURIComponent('https://wiki.example.com')]: encodeURIComponent(site),
      'https://login.example.com': server.issuer, '/etc/latchkey/latchkey.toml': server.config,
      '--metadata wiki.json': `--metadata ${join(folder, 'wiki.json')}`, 'PASSPHRASE': 'four-dozen-purple-elephants',
    });
    writeFileSync(join(folder, 'wiki.json'), shown.blocks('json')[0]);
    const { id, secret } = shown.register(shown.blocks('sh')[0]);
    const configuration = shown.blocks('apache')[0].replace('CLIENT_ID', id).replace('CLIENT_SECRET', secret);
    apache = await startApache(port, [`OIDCCABundlePath ${ca}`, configuration], { 'index.shtml': INDEX, 'bye': BYE });
  });
  after(async () => {
    await browser?.close();
    await apache?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => { page = await newPerson(browser, [server.issuer, apache.origin]); });
  afterEach(async () => {
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  /** Opens the page behind Apache and signs in where that leads; the first time the person is asked for consent. */
  async function enter() {
    await page.goto(`${apache.origin}/`);
    await typeLogin(page, ALICE);
    await page.waitForSelector('#who, #consent-allow');
    if (await page.locator('#consent-allow').count()) await page.click('#consent-allow');
    assert.equal(await page.innerText('#who'), 'alice alice@example.com');
  }

  it('shows its page to whoever has signed in, with the claims, and signs out at the provider too', async () => {
    await enter();
    await page.goto(`${apache.origin}/oidc?logout=${encodeURIComponent(`${apache.origin}/bye`)}`);
    await page.waitForURL(`${apache.origin}/bye`);
    await page.goto(`${apache.origin}/`);
    await page.waitForSelector('#login-submit');
  });

  it('knows within seconds that the person has signed out at the provider', async () => {
    await enter();
    await page.goto(`${server.issuer}/logout`);
    await page.click('#logout-confirm');
    await page.waitForSelector('text=signed out');
    await until('the session behind Apache has ended', async () => {
      await page.goto(`${apache.origin}/`);
      return page.locator('#login-submit').count();
    });
  });
});
