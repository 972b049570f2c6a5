// oauth4webapi (npm), which none of us wrote, over https: every way to ask.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Application, discover, register } from '../harness/application.mjs';
import { startServe } from '../harness/latchkey.mjs';
import { Person } from '../harness/person.mjs';

const ALICE = ['alice', 'correct horse battery staple'];

describe('oauth4webapi over https', () => {
  let server, as;

  before(async () => {
    server = await startServe({ https: true });
    server.createUser(...ALICE);
    as = await discover(server.issuer);
  });
  after(() => server?.stop());

  /** An application that was registered with this metadata. */
  function application(metadata) {
    const made = register(server, metadata);
    return new Application(as, { client_id: made.client_id, ...metadata }, oauth.ClientSecretBasic(made.client_secret), new Person());
  }

  it('pushes its request, and is refused a page without that when it asked for it', async () => {
    const app = application({ require_pushed_authorization_requests: true, token_endpoint_auth_method: 'client_secret_basic' });
    const pushed = await app.push(await app.ask());
    const tokens = await app.redeem(oauth.validateAuthResponse(as, app.client, await app.answer(pushed, ALICE), app.state));
    assert.equal((await app.userinfo(tokens)).email, 'alice@example.com');

    const plain = await app.answer(await app.ask(), ALICE);
    assert.throws(() => oauth.validateAuthResponse(as, app.client, plain, app.state), { error: 'invalid_request' });
  });
});
