// The four ways in which applications notice a logout, with two of them in a real browser over https; once at a whole origin, and
// once under a path.

import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { certificate } from '../harness/certificate.mjs';
import { startServe, until } from '../harness/latchkey.mjs';
import { startRelyingParty } from '../harness/relying_party.mjs';

const ALICE = { username: 'alice', password: 'correct horse battery staple' };

for (const path of ['', '/tenant/auth']) {
  describe(`logout over https${path && `, under ${path}`}`, () => {
    let server, browser, parties, metadata, page;

    before(async () => {
      parties = await Promise.all([startRelyingParty(), startRelyingParty()]);
      const hosts = parties.map((party) => `"${new URL(party.origin).host}"`);
      const settings = [`[outbound]\nallow = [${hosts}]\nextra_ca_file = "${certificate().ca}"`];
      [server, browser] = await Promise.all([startServe({ https: true, path, settings }), startBrowser({ pin: certificate().pin })]);
      server.createUser(ALICE.username, ALICE.password);
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-clients-'));
      for (const party of parties) {
        writeFileSync(join(folder, 'client.json'), JSON.stringify(party.metadata));
        party.client = server.run(['clients', 'create', '--metadata', join(folder, 'client.json')]).client_id;
      }
      rmSync(folder, { recursive: true });
      metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
    });
    after(async () => {
      await browser?.close();
      parties?.forEach((party) => party.stop());
      await server?.stop();
    });
    beforeEach(async () => {
      parties.forEach((party) => Object.assign(party, { told: { front: [], back: [] }, hangs: false }));
      page = await newPerson(browser, [server.issuer, ...parties.map((party) => party.origin)]);
    });
    afterEach(async () => {
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });

    /** Signs in to an application, and returns what it is answered. */
    async function signIn(party, types) {
      const query = new URLSearchParams({
        response_type: 'code', client_id: party.client, redirect_uri: `${party.origin}/cb`, scope: 'openid', state: 's', nonce: 'n',
      });
      await page.goto(`${metadata.authorization_endpoint}?${query}`);
      if (types) await typeLogin(page, ALICE);
      await page.waitForURL((url) => url.href.startsWith(`${party.origin}/cb?`));
      return new URL(page.url()).searchParams;
    }

    /** Signs out as the first application asks; the browser ends there. */
    async function signOut(tab) {
      const [party] = parties;
      const query = new URLSearchParams({ client_id: party.client, post_logout_redirect_uri: `${party.origin}/bye`, state: 'a b' });
      await tab.goto(`${metadata.end_session_endpoint}?${query}`);
      await tab.click('#logout-confirm');
      await tab.waitForURL((url) => url.href.startsWith(`${party.origin}/bye`));
      assert.equal(new URL(tab.url()).search, '?state=a+b');
    }

    const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

    it('is told by the servers, by frames, and to a page that asks', async () => {
      const first = await signIn(parties[0], true);
      await signIn(parties[1], false);
      const query = new URLSearchParams({
        frame: metadata.check_session_iframe, client: parties[0].client, state: first.get('session_state'),
      });
      // What the first was told was before the second, and still holds: nobody has come or gone.
      await page.goto(`${parties[0].origin}/watch?${query}`);
      await page.waitForFunction(() => window.ask);
      assert.equal(await page.evaluate(() => window.ask()), 'unchanged');
      assert.equal(await page.evaluate(() => window.ask('nonsense')), 'error');

      const tab = await page.context().newPage();
      await signOut(tab);
      assert.equal(await page.evaluate(() => window.ask()), 'changed');
      await until('both servers are told', () => parties.every((party) => party.told.back.length === 1));
      for (const party of parties) {
        assert.equal(party.told.front.length, 1);
        const [front, back] = [party.told.front[0], payload(party.told.back[0])];
        assert.deepEqual([...front.keys()].sort(), ['iss', 'sid']);
        assert.equal(front.get('iss'), server.issuer);
        assert.equal(back.iss, server.issuer);
        assert.equal(back.sid, front.get('sid'));
        assert.equal(back.aud, party.client);
        assert.deepEqual(back.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
      }
    });

    it('goes on although an application hangs', async () => {
      await signIn(parties[0], true);
      await signIn(parties[1], false);
      parties[1].hangs = true;
      await signOut(page);
      assert.equal(parties[0].told.front.length, 1);
    });
  });
}
