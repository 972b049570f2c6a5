// An application made of oauth4webapi (npm), which checks more of an answer than most libraries do.

import { writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as oauth from 'oauth4webapi';

export const CALLBACK = 'https://app.example/callback';
const KID = 'first';

/** What the server says of itself. */
export async function discover(issuer) {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url));
}

/** A key pair for this algorithm, and its public half as a JWK Set. */
export async function newKey(alg) {
  const { privateKey, publicKey } = await oauth.generateKeyPair(alg, { extractable: true });
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  delete jwk.key_ops;
  delete jwk.alg;
  return { private: { key: privateKey, kid: KID }, jwks: { keys: [{ ...jwk, kid: KID, use: 'sig', alg }] } };
}

/** Registers a client with this metadata by the command line. */
export function register(server, metadata) {
  const file = join(tmpdir(), `latchkey-e2e-client-${process.pid}.json`);
  writeFileSync(file, JSON.stringify({ client_name: 'Web app', redirect_uris: [CALLBACK], ...metadata }));
  try {
    return server.run(['clients', 'create', '--metadata', file]);
  } finally {
    rmSync(file);
  }
}

/** One client, and a person who signs in to it. */
export class Application {
  constructor(as, client, auth, person) {
    Object.assign(this, { as, client, auth, person });
  }

  /** A new authorization request: its parameters, beside these. What the answer must fit is kept. */
  async ask(more = {}) {
    [this.verifier, this.nonce, this.state] =
      [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce(), oauth.generateRandomState()];
    return {
      client_id: this.client.client_id, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid profile email',
      code_challenge: await oauth.calculatePKCECodeChallenge(this.verifier), code_challenge_method: 'S256',
      nonce: this.nonce, state: this.state, ...more,
    };
  }

  /** Where a browser is sent with these parameters. */
  url(parameters) {
    const url = new URL(this.as.authorization_endpoint);
    url.search = new URLSearchParams(parameters);
    return url;
  }

  /** Pushes them first (RFC 9126): what a browser then brings. */
  async push(parameters) {
    const response = await oauth.pushedAuthorizationRequest(this.as, this.client, this.auth, parameters);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(this.as, this.client, response);
    return { client_id: this.client.client_id, request_uri };
  }

  /** Puts them into a request object that is signed with this key (RFC 9101). */
  async sign(parameters, key) {
    return { client_id: this.client.client_id, request: await oauth.issueRequestObject(this.as, this.client, parameters, key) };
  }

  /** The person signs in and agrees: the answer, as the browser brings it back. */
  answer(parameters, [username, password]) {
    return this.person.authorize(this.url(parameters), CALLBACK, username, password);
  }

  /** Exchanges the code of an answer that was looked at already, with these parameters besides. */
  async redeem(callback, more = {}) {
    const response = await oauth.authorizationCodeGrantRequest(
      this.as, this.client, this.auth, callback, CALLBACK, this.verifier, { additionalParameters: more },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(this.as, this.client, response, {
      expectedNonce: this.nonce, requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(this.as, response);
    return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  }

  async refresh(tokens, more = {}) {
    const response =
      await oauth.refreshTokenGrantRequest(this.as, this.client, this.auth, tokens.refresh_token, { additionalParameters: more });
    return oauth.processRefreshTokenResponse(this.as, this.client, response);
  }

  async userinfo(tokens) {
    const response = await oauth.userInfoRequest(this.as, this.client, tokens.access_token);
    const claims = await oauth.processUserInfoResponse(this.as, this.client, tokens.claims.sub, response);
    if (this.client.userinfo_signed_response_alg) await oauth.validateApplicationLevelSignature(this.as, response);
    return claims;
  }

  async introspect(token) {
    const signed = Boolean(this.client.introspection_signed_response_alg);
    const response = await oauth.introspectionRequest(this.as, this.client, this.auth, token, { requestJwtResponse: signed });
    const answer = await oauth.processIntrospectionResponse(this.as, this.client, response);
    if (signed) await oauth.validateApplicationLevelSignature(this.as, response);
    return answer;
  }

  async machine(scope) {
    const response = await oauth.clientCredentialsGrantRequest(this.as, this.client, this.auth, { scope });
    return oauth.processClientCredentialsResponse(this.as, this.client, response);
  }
}
