// How accounts begin and end, in a real browser: by an invitation, and by whoever deletes theirs, or keeps it after all.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { newPerson, startBrowser, typeLogin } from '../harness/browser.mjs';
import { onEachDatabase } from '../harness/database.mjs';
import { startPlace } from '../harness/place.mjs';

onEachDatabase('an account', (engine) => {
  let browser, place;

  before(async () => {
    [browser, place] = await Promise.all([startBrowser(), startPlace({ engine })]);
  });
  after(async () => {
    await browser?.close();
    await place?.stop();
  });

  const open = (options) => newPerson(browser, [place.issuer, place.callback], options);

  it('is made by whoever was invited, once', async () => {
    const email = 'ines@example.com';
    place.server.run(['users', 'invite', '--email', email, '--username', 'ines']);
    const link = (await place.postbox.take(email, '/signup?invitation=')).link('/signup?invitation=');
    const page = await open();
    await page.goto(link);
    assert.deepEqual([await page.inputValue('#email'), await page.inputValue('#username')], [email, 'ines']);
    await page.fill('input[name=password]', 'quince lantern orbit');
    await page.click('#signup-submit');
    await page.waitForSelector('.owner');
    await page.goto(place.authorize());
    const claims = await place.arrive(page);
    assert.deepEqual([claims.preferred_username, claims.email, claims.email_verified], ['ines', email, true]);

    const again = await open();
    await again.goto(link);
    assert.equal(await again.locator('#signup-submit').count(), 0);
    await again.click('main a');
    await again.waitForSelector('#login-submit');
    assert.deepEqual([...page.complaints, ...again.complaints], []);
  });

  it('is deleted by its person, and kept after all', async () => {
    const person = place.user('dora');
    const page = await open();
    await page.goto(place.authorize());
    await typeLogin(page, person);
    const before = await place.arrive(page);
    await page.goto(`${place.issuer}/account`);
    await page.click('.links a[href="/account/delete"]');
    await page.fill('#confirmation', 'somebody');
    await page.click('#delete-submit');
    await page.waitForSelector('#confirmation-error');
    await page.fill('#confirmation', person.username);
    await page.click('#delete-submit');
    await page.waitForSelector('#deletion-at');
    assert.match((await place.postbox.take(person.email)).text, /will be deleted/);

    await page.goto(place.authorize());
    await typeLogin(page, person);
    await page.waitForSelector('#keep-account');
    await page.goto(`${place.issuer}/account/profile`);
    await page.waitForSelector('#keep-account');
    await page.goto(place.authorize());
    await page.click('#keep-account');
    const after = await place.arrive(page);
    assert.equal(after.sub, before.sub);
    assert.match((await place.postbox.take(person.email)).text, /will not be deleted/);
    await page.goto(`${place.issuer}/account`);
    await page.waitForSelector('.owner');
    assert.deepEqual(page.complaints, []);
  });
});
