// openid-client (npm), which none of us wrote, against the real server with clients that the command line made.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as openid from 'openid-client';
import { startServe } from '../harness/latchkey.mjs';
import { Person } from '../harness/person.mjs';

const CALLBACK = 'https://app.example/callback';
const SIGNED_OUT = 'https://app.example/signed-out';
const PASSWORD = 'correct horse battery staple';

describe('openid-client', () => {
  let server;

  before(async () => {
    server = await startServe();
    server.createUser('alice', PASSWORD);
  });
  after(() => server?.stop());

  for (const [auth, method] of [
    ['client_secret_basic', openid.ClientSecretBasic],
    ['client_secret_post', openid.ClientSecretPost],
    ['none', openid.None],
  ]) {
    it(`signs a person in with ${auth}, refreshes, asks userinfo, revokes and signs out`, async () => {
      const config = await discover(webApp(auth), method);
      const person = new Person();
      const first = await signIn(config, person);
      const claims = first.claims();
      assert.equal(claims.iss, server.issuer);

      const who = await openid.fetchUserInfo(config, first.access_token, claims.sub);
      assert.equal(who.preferred_username, 'alice');
      assert.equal(who.email, 'alice@example.com');
      assert.equal(who.email_verified, true);

      const second = await openid.refreshTokenGrant(config, first.refresh_token);
      assert.notEqual(second.refresh_token, first.refresh_token);
      assert.equal(second.claims().sub, claims.sub);
      await openid.fetchUserInfo(config, second.access_token, claims.sub);

      await openid.tokenRevocation(config, second.refresh_token);
      await assert.rejects(openid.refreshTokenGrant(config, second.refresh_token), { error: 'invalid_grant' });

      await signOut(config, person, second.id_token);
      const silent = await person.open(authorizeUrl(config, { prompt: 'none' }), CALLBACK);
      assert.equal(silent.away.searchParams.get('error'), 'login_required');
    });
  }

  it('gets a machine token, introspects it, and sees it end', async () => {
    const machine = register(['--name', 'Nightly report', '--auth', 'client_secret_basic',
      '--grant', 'client_credentials', '--scope', 'reports:read reports:write']);
    const config = await discover(machine, openid.ClientSecretBasic);
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'reports:read' });
    assert.equal(tokens.token_type, 'bearer');
    assert.ok(tokens.expires_in > 0);
    assert.equal(tokens.refresh_token, undefined);

    const known = await openid.tokenIntrospection(config, tokens.access_token);
    assert.equal(known.active, true);
    assert.equal(known.client_id, machine.client_id);
    assert.equal(known.scope, 'reports:read');

    await openid.tokenRevocation(config, tokens.access_token);
    assert.deepEqual(await openid.tokenIntrospection(config, tokens.access_token), { active: false });
  });

  it('is refused what it may not have, in the words of the standards', async () => {
    const machine = register(['--name', 'Machine', '--auth', 'client_secret_basic',
      '--grant', 'client_credentials', '--scope', 'reports:read']);
    const config = await discover(machine, openid.ClientSecretBasic);
    await assert.rejects(openid.clientCredentialsGrant(config, { scope: 'admin' }), { error: 'invalid_scope' });
    await assert.rejects(openid.refreshTokenGrant(config, 'never-issued'), { code: 'OAUTH_RESPONSE_BODY_ERROR' });

    const stranger = await discover({ ...machine, client_secret: 'wrong' }, openid.ClientSecretBasic);
    await assert.rejects(openid.clientCredentialsGrant(stranger), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' });
  });

  function register(args) {
    return server.run(['clients', 'create', ...args]);
  }

  function webApp(auth) {
    return register(['--name', 'Web app', '--auth', auth, '--redirect-uri', CALLBACK,
      '--post-logout-redirect-uri', SIGNED_OUT, '--grant', 'authorization_code', '--grant', 'refresh_token',
      '--scope', 'openid profile email offline_access']);
  }

  function discover(client, method) {
    const authentication = method === openid.None ? openid.None() : method(client.client_secret);
    const options = { execute: [openid.allowInsecureRequests] };
    return openid.discovery(new URL(server.issuer), client.client_id, undefined, authentication, options);
  }

  function authorizeUrl(config, extra) {
    return openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK, scope: 'openid', code_challenge_method: 'S256',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', ...extra,
    });
  }

  async function signIn(config, person) {
    const [pkceCodeVerifier, expectedNonce, expectedState] =
      [openid.randomPKCECodeVerifier(), openid.randomNonce(), openid.randomState()];
    const url = authorizeUrl(config, {
      scope: 'openid profile email offline_access', prompt: 'consent', state: expectedState, nonce: expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    });
    const answer = await person.authorize(url, CALLBACK, 'alice', PASSWORD);
    return openid.authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedNonce, expectedState });
  }

  async function signOut(config, person, idToken) {
    const url = openid.buildEndSessionUrl(config, {
      id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT, state: 'done',
    });
    let step = await person.open(url, SIGNED_OUT);
    if (!step.away) step = await person.press(step, 'logout-confirm', SIGNED_OUT);
    assert.equal(step.away.searchParams.get('state'), 'done');
  }
});
