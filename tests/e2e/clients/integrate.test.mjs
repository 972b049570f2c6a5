// What docs/integrate shows, run as it stands there against `latchkey dev`: only ports and paths are those of the test.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort, startDev, until } from '../harness/latchkey.mjs';
import { Page } from '../harness/page.mjs';
import { Person } from '../harness/person.mjs';

const CONFIG = '.latchkey/dev/latchkey.toml';
const ISSUER = 'http://127.0.0.1:8080';

describe('the pages of docs/integrate', () => {
  let dev;

  before(async () => { dev = await startDev(); });
  after(() => dev?.stop());

  it('openid-client.md signs a person in and greets her by name', async () => {
    const port = await freePort();
    const home = `http://127.0.0.1:${port}`;
    const page = new Page('openid-client.md', {
      [CONFIG]: dev.config, [ISSUER]: dev.issuer, 'http://127.0.0.1:3000': home, 'listen(3000,': `listen(${port},`,
    });
    const client = page.register(page.blocks('sh')[0]);
    const stop = page.start({ CLIENT_ID: client.id, CLIENT_SECRET: client.secret });
    try {
      const begin = await until('the program answers', () =>
        fetch(home, { redirect: 'manual' }).catch(() => undefined));
      const [cookie] = begin.headers.getSetCookie()[0].split(';');
      const alice = dev.persona('alice');
      const away = `${home}/callback`;
      const back = await new Person().authorize(begin.headers.get('location'), away, alice.username, alice.password);
      const greeting = await fetch(back, { headers: { cookie } });
      assert.equal(await greeting.text(), 'Hello Alice Liddell');

      const strange = await fetch(back, { headers: { cookie: 'login=a.b.c' } });
      assert.equal(strange.status, 400);
    } finally {
      stop();
    }
  });

  it('curl.md gets a token, which introspection and the service of jose.md accept', async () => {
    const commands = new Page('curl.md', { [CONFIG]: dev.config, [ISSUER]: dev.issuer });
    const [registerMachine, token, registerApi, introspect] = commands.blocks('sh');
    const machine = commands.register(registerMachine);
    const answer = JSON.parse(commands.command(token, { CLIENT_ID: machine.id, CLIENT_SECRET: machine.secret }));
    assert.equal(answer.expires_in, 600);

    const api = commands.register(registerApi);
    const asked = { API_ID: api.id, API_SECRET: api.secret };
    const known = JSON.parse(commands.command(introspect, { ...asked, TOKEN: answer.access_token }));
    assert.equal(known.active, true);
    assert.equal(known.scope, 'orders:read');
    assert.deepEqual(JSON.parse(commands.command(introspect, { ...asked, TOKEN: 'never-issued' })), { active: false });

    const port = await freePort();
    const service = new Page('jose.md', { [ISSUER]: dev.issuer, 'listen(4000,': `listen(${port},` });
    const stop = service.start({});
    try {
      const ask = (bearer) => fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${bearer}` } });
      await until('the service answers', () => ask('').catch(() => undefined));
      const orders = await ask(answer.access_token);
      assert.equal(orders.status, 200);
      assert.equal(await orders.text(), `orders for ${machine.id}, asked for by ${machine.id}\n`);
      assert.equal((await ask('')).status, 401);
      assert.equal((await ask(`${answer.access_token}x`)).status, 401);

      const other = registerMachine.replaceAll('orders:read', 'reports:read');
      const stranger = commands.register(other);
      const without = JSON.parse(commands.command(token, { CLIENT_ID: stranger.id, CLIENT_SECRET: stranger.secret }));
      assert.equal((await ask(without.access_token)).status, 403);
      const elsewhere = commands.register(registerMachine.replaceAll('api.example.com', 'other.example.com'));
      const wrong = JSON.parse(commands.command(token, { CLIENT_ID: elsewhere.id, CLIENT_SECRET: elsewhere.secret }));
      assert.equal((await ask(wrong.access_token)).status, 401);
    } finally {
      stop();
    }
  });
});
