// Another provider, through which people sign in: a second Latchkey.

import { startServe } from './latchkey.mjs';


/**
 * A Latchkey at which others let people sign in. It needs another host than they have, which are on `127.0.0.1` usually: cookies
 * are of a host with all its ports.
 */
export async function startHome({ host = 'localhost', engine } = {}) {
  const server = await startServe({ host, engine });
  return {
    ...server,
    /** What a server with this issuer has to know of it, as keys and values of `[providers.home]`. */
    knownTo(issuer) {
      const client = server.run(['clients', 'create', '--name', 'The other Latchkey', '--auth', 'client_secret_basic',
        '--redirect-uri', `${issuer}/federation/home/callback`, '--grant', 'authorization_code', '--scope', 'openid profile email']);
      return {
        type: 'oidc', name: 'Home', issuer: server.issuer, client_id: client.client_id, client_secret: client.client_secret,
        trust_email: 'on',
      };
    },
  };
}

/** The same as lines of a configuration file, which may call that provider, and `others`, though they are on this machine. */
export function asSettings(id, known, others = []) {
  const allowed = [new URL(known.issuer).host, ...others];
  const values = Object.entries(known).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`[outbound]\nallow = ${JSON.stringify(allowed)}`, `[providers.${id}]`, ...values];
}

/** The same as variables of the environment. */
export function asEnvironment(id, known) {
  const name = (key) => `LATCHKEY_PROVIDERS__${id}__${key}`.toUpperCase();
  return Object.fromEntries(Object.entries(known).map(([key, value]) => [name(key), value]));
}
