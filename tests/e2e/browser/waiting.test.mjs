// What takes days, in a real browser, with the clock of `latchkey dev` moved forward: the way back to an account whose second
// factors are all lost, and the end of one that its person deleted.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { audit } from '../harness/audit.mjs';
import { App } from '../harness/authenticator.mjs';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { startDev, until } from '../harness/latchkey.mjs';

const PASSWORD = 'quince lantern orbit';

describe('what takes days', () => {
  let browser, dev;

  before(async () => {
    [browser, dev] = await Promise.all([startBrowser(), startDev()]);
  });
  after(async () => {
    await browser?.close();
    await dev?.stop();
  });

  const open = (options) => newPerson(browser, dev.issuer, options);

  function user(username, locale = 'en') {
    const claims = join(dirname(dev.config), 'claims.json');
    writeFileSync(claims, JSON.stringify({ locale }));
    const email = `${username}@example.com`;
    dev.run(['users', 'create', '--username', username, '--email', email, '--email-verified', '--claims', claims], `${PASSWORD}\n`);
    return { username, email, password: PASSWORD };
  }

  /** Moves the clock of the server forward. */
  async function later(forward) {
    const answer = await fetch(`${dev.issuer}/dev/clock`, { method: 'POST', body: new URLSearchParams({ forward }) });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** What `find` finds in the newest mail to this person in which it finds anything. */
  const mailed = (person, find) => until(`a mail to ${person.email}`, async () => {
    const mails = await fetch(`${dev.issuer}/dev/mail.json`).then((answer) => answer.json());
    return mails.filter((mail) => mail.to === person.email).map(find).find(Boolean);
  });
  const linkOf = (person, part) => mailed(person, (mail) => mail.links.find((link) => link.includes(part)));

  /** Signs in with the password, to where a code is asked for, and says that all is lost. */
  async function sayLost(page, person) {
    await page.goto(`${dev.issuer}/account`);
    await typeLogin(page, person);
    await page.click('#mfa-recovery');
    await page.click('#mfa-lost');
    await page.waitForSelector('#lost-factors');
  }

  async function addApp(page, person) {
    await page.goto(`${dev.issuer}/account/factors/totp`);
    await typeLogin(page, person);
    await page.fill('input[name=code]', await new App(await page.innerText('#totp-secret')).code());
    await page.click('#totp-confirm');
    await page.waitForSelector('#notice.good');
    await page.context().clearCookies();
  }

  it('keeps the second factors of whoever did not lose them', async () => {
    const person = user('cora');
    const thief = await open();
    await addApp(thief, person);
    await sayLost(thief, person);
    await thief.click('#lost-begin');
    await thief.waitForSelector('#lost-waits');

    const owner = await open();
    await owner.goto(await linkOf(person, '/recover/factors/cancel'));
    await owner.click('#cancel-recovery');
    await owner.waitForSelector('#recovery-cancelled');
    await thief.click('#lost-back');
    await thief.click('#mfa-recovery');
    await thief.click('#mfa-lost');
    await thief.waitForSelector('#lost-begin');
    assert.deepEqual([...thief.complaints, ...owner.complaints], []);
  });

  it('lets whoever lost them in again, after three days and by a code of a mail', async () => {
    const person = user('lena');
    const page = await open();
    await addApp(page, person);
    await sayLost(page, person);
    await page.click('#lost-begin');
    await page.waitForSelector('#lost-waits');
    await linkOf(person, '/recover/factors/cancel');
    await later('49h');
    await mailed(person, (mail) => /can soon be removed/.test(mail.subject));
    await sayLost(page, person);
    await page.waitForSelector('#lost-waits');
    await later('24h');

    await sayLost(page, person);
    const problems = await audit(page, 'lost-factors-due');
    await page.click('#lost-send');
    const code = await mailed(person, (mail) => /Your code is (\d{4} \d{4})/.exec(mail.text)?.[1]);
    await page.fill('#code', code === '0000 0000' ? '11111111' : '00000000');
    await page.click('#lost-verify');
    await page.waitForSelector('#lost-error .bad');
    problems.push(...await audit(page, 'lost-factors-wrong'));
    await page.fill('#code', code);
    await page.click('#lost-verify');
    await page.waitForSelector('#lost-removed');
    problems.push(...await audit(page, 'lost-factors-removed'));
    await page.click('#lost-sign-in');
    await typeLogin(page, person);
    await page.waitForSelector('.owner');
    assert.deepEqual([...problems, ...page.complaints], []);
  });

  it('deletes an account for good, in German', async () => {
    const person = user('greta', 'de');
    const page = await open({ locale: 'de-DE' });
    await page.goto(`${dev.issuer}/account/delete`);
    await typeLogin(page, person);
    await page.fill('#confirmation', person.username);
    await page.click('#delete-submit');
    await page.waitForSelector('h1:has-text("Ihr Konto wird gelöscht")');
    await mailed(person, (mail) => /Ihr Konto wird gelöscht/.test(mail.subject));
    await page.goto(`${dev.issuer}/account`);
    await typeLogin(page, person);
    await page.waitForSelector('#keep-account');
    await page.click('#keep-leave');
    await page.click('#logout-confirm');

    await later('15d');
    await until('the account is gone', async () => {
      await page.goto(`${dev.issuer}/account`);
      await typeLogin(page, person);
      await page.waitForSelector('#login-error .bad, #keep-account');
      if (await page.locator('#login-error .bad').count()) return true;
      await page.context().clearCookies();
      return false;
    });
    assert.deepEqual(page.complaints, []);
  });
});
