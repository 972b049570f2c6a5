// A provider that somebody else wrote, with its own pages: node-oidc-provider, as its authors ship it for a try.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const CLIENT = 'latchkey';

/**
 * Starts it. It takes nobody without PKCE, signs ID tokens with RS256, and names itself in each answer (RFC 9207). With `posts` its
 * metadata ask for answers by form, in the query of the authorization endpoint (RFC 6749 §3.1). `seen`: each request that came, as
 * method and path.
 */
export async function startThirdParty({ posts = false } = {}) {
  let answer;
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url.split(/[?]/)[0]}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  return {
    issuer,
    seen,
    /** What a server with this issuer has to know of it, as keys and values of `[providers.third]`. */
    knownTo(own) {
      const secret = randomBytes(32).toString('hex');
      const provider = new Provider(issuer, settings(`${own}/federation/third/callback`, secret));
      if (posts) provider.use(asksForForms);
      answer = provider.callback();
      return { type: 'oidc', name: 'Third Party', issuer, client_id: CLIENT, client_secret: secret, trust_email: 'on' };
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function settings(callback, secret) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [{ client_id: CLIENT, client_secret: secret, client_name: 'Latchkey', redirect_uris: [callback] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@third.example`, email_verified: true, name: `${id} of the others`, preferred_username: id }),
    }),
  };
}

async function asksForForms(context, next) {
  await next();
  const endpoint = context.body?.authorization_endpoint;
  if (endpoint) context.body = { ...context.body, authorization_endpoint: `${endpoint}?response_mode=form_post` };
}
