// A server as people meet it, with mail, and an application whose people it signs in.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServe } from './latchkey.mjs';
import { startPostbox } from './postbox.mjs';

const PASSWORD = 'quince lantern orbit';

/**
 * A server that sends mail and knows passkeys (which need a host with a name), and an application that uses it. `settings` gets
 * its issuer and gives more lines of its configuration.
 */
export async function startPlace({ settings = () => [], engine, host = 'localhost' } = {}) {
  const postbox = await startPostbox();
  const server = await startServe({
    host,
    engine,
    settings: (issuer) => [
      '[mail]\nfrom = "Latchkey <no-reply@example.com>"',
      `[mail.smtp]\nhost = "127.0.0.1"\nport = ${postbox.port}\nsecurity = "none"`,
      '[login]\nemail = "on"',
      '[signup]\nmode = "open"\nusername = "optional"',
      ...settings(issuer),
    ],
  });
  const website = createServer((request, answer) => answer.end('<!doctype html><title>app</title><p id=arrived>arrived'));
  website.listen(0, '127.0.0.1');
  await once(website, 'listening');
  const callback = `http://127.0.0.1:${website.address().port}/callback`;
  const client = server.run(['clients', 'create', '--name', 'Photo Prints', '--auth', 'none', '--redirect-uri', callback,
    '--grant', 'authorization_code', '--scope', 'openid profile email']);
  let verifier;
  return {
    server,
    postbox,
    issuer: server.issuer,
    client: client.client_id,
    callback,
    /** Where the application sends a browser that is to sign in. */
    authorize(more = {}) {
      verifier = randomBytes(32).toString('base64url');
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      return `${server.issuer}/authorize?${new URLSearchParams({
        client_id: client.client_id, redirect_uri: callback, response_type: 'code', scope: 'openid profile email',
        state: 'tour', code_challenge: challenge, code_challenge_method: 'S256', ...more,
      })}`;
    },
    /** Waits until the browser is back at the application, which redeems its code: what it learns. */
    async arrive(page) {
      await page.waitForSelector('#arrived, #consent-allow');
      if (await page.locator('#consent-allow').count()) await page.click('#consent-allow');
      await page.waitForSelector('#arrived');
      const code = new URL(page.url()).searchParams.get('code');
      const body = new URLSearchParams({
        grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: callback, client_id: client.client_id,
      });
      const json = (answer) => answer.json();
      const tokens = await fetch(`${server.issuer}/token`, { method: 'POST', body }).then(json);
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      const claims = await fetch(`${server.issuer}/userinfo`, { headers }).then(json);
      return { ...claims, ...JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString()) };
    },
    /** Somebody with an account, whose profile says which language they read. */
    user(username, language = 'en') {
      const claims = join(tmpdir(), `latchkey-e2e-claims-${process.pid}.json`);
      writeFileSync(claims, JSON.stringify({ name: 'Nora Fischer', locale: language }));
      const email = `${username}@example.com`;
      server.run(['users', 'create', '--username', username, '--email', email, '--email-verified', '--claims', claims],
        `${PASSWORD}\n`);
      return { username, email, password: PASSWORD };
    },
    async stop() {
      website.close();
      website.closeAllConnections();
      postbox.stop();
      await server.stop();
    },
  };
}
