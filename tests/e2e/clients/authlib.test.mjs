// Authlib (Python), which none of us wrote, over https: the page of docs/integrate as it stands there, and every way to authenticate.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CALLBACK, newKey, register } from '../harness/application.mjs';
import { freePort, startServe, until } from '../harness/latchkey.mjs';
import { Page } from '../harness/page.mjs';
import { Person } from '../harness/person.mjs';
import { noAuthlib, startPython } from '../harness/python.mjs';

const ALICE = ['alice', 'correct horse battery staple'];

describe('Authlib over https', { skip: noAuthlib }, () => {
  let server, folder;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
    server = await startServe({ https: true });
    server.createUser(...ALICE);
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('signs a person in to the Flask application of authlib.md', async () => {
    const port = await freePort();
    const home = `http://127.0.0.1:${port}`;
    const page = new Page('authlib.md', {
      '.latchkey/dev/latchkey.toml': server.config, 'http://127.0.0.1:8080': server.issuer, 'http://127.0.0.1:3000': home,
    });
    const client = page.register(page.blocks('sh')[0]);
    writeFileSync(join(folder, 'app.py'), page.blocks('python')[0]);
    const program = startPython(['-m', 'flask', 'run', '--port', String(port)], {
      cwd: folder, env: { CLIENT_ID: client.id, CLIENT_SECRET: client.secret },
    });
    try {
      const begin = await until('the program answers', () => fetch(home, { redirect: 'manual' }).catch(() => undefined));
      const [cookie] = begin.headers.getSetCookie()[0].split(';');
      const back = await new Person().authorize(begin.headers.get('location'), `${home}/callback`, ...ALICE);
      const greeting = await fetch(back, { headers: { cookie } });
      assert.match(await greeting.text(), /^Hello [-\w]+$/);
      assert.equal((await fetch(back)).status, 400, 'somebody without the cookie');
    } finally {
      program.stop();
    }
  });

  // How it authenticates (by a key of its own Authlib can do that with RSA alone), and what its ID tokens are signed with.
  for (const [method, alg, signed] of [
    ['client_secret_basic', undefined, 'RS256'], ['client_secret_post', undefined, 'ES256'], ['client_secret_jwt', 'HS256', 'EdDSA'],
    ['private_key_jwt', 'RS256', 'PS256'], ['private_key_jwt', 'PS256', 'RS256'],
  ]) {
    it(`signs in, refreshes, asks about and gives back tokens with ${method} ${alg ?? ''}`.trim(), async () => {
      const key = method === 'private_key_jwt' ? await newKey(alg) : undefined;
      const client = register(server, {
        token_endpoint_auth_method: method, id_token_signed_response_alg: signed, ...(key && { jwks: key.jwks }),
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], scope: 'openid profile email reports:read',
      });
      const credential = key ? { ...await crypto.subtle.exportKey('jwk', key.private.key), kid: key.private.kid } : client.client_secret;
      const program = startPython([join(import.meta.dirname, 'authlib_client.py')]);
      const ask = (what, question = {}) => program.ask({ do: what, ...question });
      try {
        const registered = { redirect_uri: CALLBACK, scope: 'openid profile email' };
        await ask('discover', {
          issuer: server.issuer, client_id: client.client_id, method, credential, alg, ...registered,
        });
        const [verifier, nonce] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')];
        const { url } = await ask('authorize', { verifier, nonce });
        const back = await new Person().authorize(url, CALLBACK, ...ALICE);
        const first = await ask('arrive', { url: back.href, verifier, nonce });
        assert.equal(first.user?.email, 'alice@example.com', JSON.stringify(first));
        assert.equal(first.claims.sub, first.user.sub);
        assert.equal(first.header.alg, signed);

        const second = await ask('refresh');
        assert.notEqual(second.refresh_token, first.token.refresh_token);
        assert.equal((await ask('introspect', { token: second.access_token })).active, true);
        assert.equal((await ask('revoke', { token: second.refresh_token })).status, 200);
        assert.deepEqual(await ask('introspect', { token: second.access_token }), { active: false });

        const machine = await ask('machine', { scope: 'reports:read' });
        assert.equal(machine.scope, 'reports:read', JSON.stringify(machine));
        assert.equal((await ask('machine', { scope: 'admin' })).error, 'invalid_scope');
      } finally {
        program.stop();
      }
    });
  }
});
