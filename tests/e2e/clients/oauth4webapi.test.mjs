// oauth4webapi (npm), which none of us wrote, over https: everything signed, with every algorithm, and every way to ask.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Application, CALLBACK, discover, newKey, register } from '../harness/application.mjs';
import { startServe } from '../harness/latchkey.mjs';
import { Person } from '../harness/person.mjs';

const ALICE = ['alice', 'correct horse battery staple'];
const [ORDERS, BILLS] = ['https://api.example/orders', 'https://api.example/bills'];
const APIS = `
[resources.orders]
identifier = "${ORDERS}"
scopes = ["orders:read"]
[resources.bills]
identifier = "${BILLS}"
scopes = ["bills:read"]
`;

describe('oauth4webapi over https', () => {
  let server, as;

  before(async () => {
    server = await startServe({ https: true, settings: ['[registration]\ndynamic = "open"', APIS] });
    server.createUser(...ALICE);
    as = await discover(server.issuer);
  });
  after(() => server?.stop());

  /** An application that was registered with this metadata; with a key it proves itself by that. */
  function application(metadata, key) {
    const made = register(server, { ...metadata, ...(key && { jwks: key.jwks }) });
    const auth = key ? oauth.PrivateKeyJwt(key.private) : oauth.ClientSecretBasic(made.client_secret);
    return new Application(as, { client_id: made.client_id, ...metadata }, auth, new Person());
  }

  it('pushes its request, and is refused a page without that when it asked for it', async () => {
    const app = application({ require_pushed_authorization_requests: true, token_endpoint_auth_method: 'client_secret_basic' });
    const pushed = await app.push(await app.ask());
    const tokens = await app.redeem(oauth.validateAuthResponse(as, app.client, await app.answer(pushed, ALICE), app.state));
    assert.equal((await app.userinfo(tokens)).email, 'alice@example.com');

    const plain = await app.answer(await app.ask(), ALICE);
    assert.throws(() => oauth.validateAuthResponse(as, app.client, plain, app.state), { error: 'invalid_request' });
  });

  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    it(`signs all that it sends with ${alg}, and verifies all that it gets`, async () => {
      const key = await newKey(alg);
      const app = application({
        token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: alg,
        id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg, introspection_signed_response_alg: alg,
        authorization_signed_response_alg: alg, request_object_signing_alg: alg,
        grant_types: ['authorization_code', 'client_credentials'], scope: 'openid profile email reports:read',
      }, key);
      const signed = await app.sign(await app.ask({ response_mode: 'jwt' }), key.private);
      const answer = await app.answer(signed, ALICE);
      const tokens = await app.redeem(await oauth.validateJwtAuthResponse(as, app.client, answer, app.state));
      assert.equal((await app.userinfo(tokens)).email, 'alice@example.com');
      assert.equal((await app.introspect(tokens.access_token)).active, true);
      assert.equal((await app.machine('reports:read')).scope, 'reports:read');

      // Once more, the request object pushed.
      const pushed = await app.push(await app.sign(await app.ask({ response_mode: 'fragment.jwt' }), key.private));
      const again = await app.answer(pushed, ALICE);
      await app.redeem(await oauth.validateJwtAuthResponse(as, app.client, hash(again), app.state));
    });
  }

  it('gets a code and an ID token at once, and verifies the hash of the code', async () => {
    const app = application({
      response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'], token_endpoint_auth_method: 'client_secret_basic',
    });
    const answer = await app.answer(await app.ask({ response_type: 'code id_token' }), ALICE);
    const tokens = await app.redeem(await oauth.validateCodeIdTokenResponse(as, app.client, answer, app.nonce, app.state));
    assert.equal((await app.userinfo(tokens)).email, 'alice@example.com');
  });

  it('gets a token for each API, which that one takes and no other', async () => {
    const app = application({
      scope: 'openid email offline_access orders:read bills:read', grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const asked = Object.entries(await app.ask({ scope: 'openid email offline_access orders:read bills:read' }));
    const answer = await app.answer([...asked, ['resource', ORDERS], ['resource', BILLS]], ALICE);
    const orders = await app.redeem(oauth.validateAuthResponse(as, app.client, answer, app.state), { resource: ORDERS });
    const bills = await app.refresh(orders, { resource: BILLS });
    for (const [tokens, own, other, scope] of [[orders, ORDERS, BILLS, 'orders:read'], [bills, BILLS, ORDERS, 'bills:read']]) {
      const call = () => new Request(own, { headers: { authorization: `Bearer ${tokens.access_token}` } });
      assert.equal((await oauth.validateJwtAccessToken(as, call(), own)).scope, scope);
      await assert.rejects(oauth.validateJwtAccessToken(as, call(), other));
      await assert.rejects(app.userinfo({ ...orders, access_token: tokens.access_token }));
    }
    const all = await app.refresh(bills);
    assert.equal((await app.userinfo({ ...orders, access_token: all.access_token })).email, 'alice@example.com');
  });

  it('registers itself, signs a person in, reads its registration and ends it', async () => {
    const key = await newKey('ES256');
    const response = await oauth.dynamicClientRegistrationRequest(as, {
      client_name: 'Self-made', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks,
    });
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    const app = new Application(as, client, oauth.PrivateKeyJwt(key.private), new Person());
    const answer = await app.answer(await app.ask(), ALICE);
    await app.redeem(oauth.validateAuthResponse(as, client, answer, app.state));

    const headers = { authorization: `Bearer ${client.registration_access_token}` };
    const manage = (method) => fetch(client.registration_client_uri, { method, headers });
    assert.equal((await (await manage('GET')).json()).client_id, client.client_id);
    assert.equal((await manage('DELETE')).status, 204);
    assert.equal((await manage('GET')).status, 401);
  });
});

describe('oauth4webapi at a server with the profile oauth-2.1', () => {
  it('does everything in the way of today, by a key and by a secret', async () => {
    const server = await startServe({ https: true, settings: ['[oauth]\nprofile = "oauth-2.1"'] });
    try {
      server.createUser(...ALICE);
      const as = await discover(server.issuer);
      assert.deepEqual(as.response_types_supported, ['code']);
      const key = await newKey('ES256');
      for (const [metadata, auth] of [
        [{ token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks }, () => oauth.PrivateKeyJwt(key.private)],
        [{ token_endpoint_auth_method: 'client_secret_basic' }, (made) => oauth.ClientSecretBasic(made.client_secret)],
        [{ token_endpoint_auth_method: 'client_secret_post' }, (made) => oauth.ClientSecretPost(made.client_secret)],
        [{ token_endpoint_auth_method: 'none' }, () => oauth.None()],
      ]) {
        const made = register(server, metadata);
        const app = new Application(as, { client_id: made.client_id }, auth(made), new Person());
        const tokens = await app.redeem(oauth.validateAuthResponse(as, app.client, await app.answer(await app.ask(), ALICE), app.state));
        assert.equal((await app.userinfo(tokens)).email, 'alice@example.com');
        assert.ok((await app.refresh(tokens)).access_token);
        const { code_challenge, code_challenge_method, ...plain } = await app.ask();
        const refused = await app.answer(plain, ALICE);
        assert.throws(() => oauth.validateAuthResponse(as, app.client, refused, app.state), { error: 'invalid_request' });
      }
    } finally {
      server.stop();
    }
  });
});

/** The parameters behind the # of an answer. */
function hash(url) {
  return new URLSearchParams(url.hash.slice(1));
}
