// What docs/integrate shows for applications with forms of their own, run as it stands there against `latchkey dev`.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startDev, until } from '../harness/latchkey.mjs';
import { Page } from '../harness/page.mjs';

const CONFIG = '.latchkey/dev/latchkey.toml';
const ISSUER = 'http://127.0.0.1:8080';
// RFC 7636, appendix B.
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** The code of an authenticator app (RFC 6238) in this many steps. */
function totp(secret, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((symbol) => alphabet.indexOf(symbol).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

describe('applications with forms of their own', () => {
  let dev;

  before(async () => { dev = await startDev(); });
  after(() => dev?.stop());

  it('first-party-apps.md and account-api.md sign a person in and read her account', () => {
    const page = new Page('first-party-apps.md', { [CONFIG]: dev.config, [ISSUER]: dev.issuer });
    const [register, ask, redeem] = page.blocks('sh');
    const alice = dev.persona('alice');
    const given = { CLIENT_ID: page.register(register).id, CHALLENGE, VERIFIER, USERNAME: alice.username, PASSWORD: alice.password };
    const wrong = JSON.parse(page.command(ask, { ...given, PASSWORD: 'wrong' }));
    assert.equal(wrong.error, 'invalid_credentials');
    const code = JSON.parse(page.command(ask, given)).authorization_code;
    const tokens = JSON.parse(page.command(redeem, { ...given, CODE: code }));
    const api = new Page('account-api.md', { [CONFIG]: dev.config, [ISSUER]: dev.issuer });
    const [, read] = api.blocks('sh');
    const me = JSON.parse(api.command(read, { TOKEN: tokens.access_token }));
    assert.equal(me.username, 'alice');
  });

  /** What follows these words in the newest of so many mails to dave; a code ends before the full stop. */
  const mailed = (words, howMany = 1) => until(`${howMany} mails`, async () => {
    const mails = await (await fetch(`${dev.issuer}/dev/mail.json`)).json();
    const own = mails.filter((mail) => mail.to === 'dave@example.com');
    return own.length >= howMany && own[0].text.split(words)[1]?.split('.')[0];
  });

  it('from-other-services.md does each job of a hand-written service', async () => {
    const page = new Page('from-other-services.md', { [CONFIG]: dev.config, [ISSUER]: dev.issuer });
    const [register, login, redeem, me, change, enroll, confirm, paper, challenge, refresh, password, signUp, verify,
      magicLink, reset, logout] = page.blocks('sh');
    const bob = dev.persona('bob');
    let given = { CLIENT_ID: page.register(register).id, USERNAME: bob.username, PASSWORD: bob.password };
    const run = (command, more) => {
      const said = page.command(command, { ...given, ...more });
      return said === '' ? {} : JSON.parse(said);
    };
    const signIn = () => run(login);
    const keep = (tokens) => { given = { ...given, TOKEN: tokens.access_token, REFRESH: tokens.refresh_token }; };
    keep(run(redeem, { CODE: signIn().authorization_code }));
    assert.equal(run(me).username, 'bob');
    assert.equal(run(change).nickname, 'Al');

    const app = run(enroll);
    assert.ok(run(confirm, { CODE: totp(app.secret) }).id);
    const codes = run(paper).recovery_codes;
    assert.equal(codes.length, 10);
    const asked = signIn();
    assert.equal(asked.error, 'insufficient_authorization');
    assert.deepEqual(asked.methods, ['totp', 'recovery_code']);
    const step = { SESSION: asked.auth_session, CODE: codes[0], METHOD: 'recovery_code' };
    keep(run(redeem, { CODE: run(challenge, step).authorization_code }));

    keep(run(refresh));
    assert.equal(run(me).has_second_factor, true);
    run(logout);
    assert.equal(run(refresh).error, 'invalid_grant');

    const again = signIn();
    const other = { SESSION: again.auth_session, CODE: codes[1], METHOD: 'recovery_code' };
    keep(run(redeem, { CODE: run(challenge, other).authorization_code }));
    const next = 'quite another passphrase';
    run(password, { NEW_PASSWORD: next });
    assert.equal(run(me).code, 'invalid_token');
    assert.equal(signIn().error, 'invalid_credentials');
    given.PASSWORD = next;
    assert.equal(signIn().error, 'insufficient_authorization');

    // Somebody who has no account yet; bob is asked for his code no more.
    given = { ...given, EMAIL: 'dave@example.com', PASSWORD: 'one more long passphrase' };
    const wanted = run(signUp);
    assert.deepEqual(wanted.methods, ['email_code']);
    const step2 = { SESSION: wanted.auth_session, CODE: await mailed('Your code is ') };
    assert.ok(run(verify, step2).authorization_code);
    const link = run(magicLink);
    assert.ok(run(verify, { SESSION: link.auth_session, CODE: await mailed('Your code is ', 2) }).authorization_code);
    assert.equal(run(reset).error, 'insufficient_authorization');
    await mailed('/recover/reset?token=', 3);
  });
});
