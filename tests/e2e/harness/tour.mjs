// A walk past every page that people see, and every mail that they get. Whoever walks along looks at each.

import { App, passkeyDevice } from './authenticator.mjs';
import { newPerson, typeLogin } from './browser.mjs';
import { deletion, invitation, providers } from './tour_chapters.mjs';

const PASSWORD = 'quince lantern orbit';
const ANOTHER = 'violet harbour ninety kites';

/** Walks in one language. `look(page, name)` is called on each page, `read(mail, name)` with each mail. */
export async function walk({ place, browser, language, look, read }) {
  const { issuer, postbox } = place;
  const person = place.user(`nora-${language}`, language);
  const locale = { en: 'en-GB', de: 'de-DE' }[language];
  const open = () => newPerson(browser, [issuer, place.home.issuer, place.callback], { locale });
  const page = await open();
  const mail = async (part, name) => {
    const taken = await postbox.take(person.email, part);
    await read(taken, name);
    return taken;
  };
  const see = async (path, name) => {
    await page.goto(issuer + path);
    await look(page, name);
  };

  // Before the sign-in.
  await see('/', 'landing');
  await see('/nowhere', 'not-found');
  await see('/authorize?client_id=nobody', 'error');
  await see('/account', 'login');
  await typeLogin(page, person, 'wrong');
  await look(page, 'login-wrong');

  // Somebody without an account.
  await page.goto(place.authorize());
  await page.click('#login-sign-up');
  await look(page, 'sign-up');
  const newcomer = `newcomer-${language}@example.com`;
  await page.fill('input[name=email]', newcomer);
  await page.fill('input[name=password]', 'passwordpassword');
  await page.click('#signup-submit');
  await look(page, 'sign-up-refused');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('#signup-submit');
  await look(page, 'sign-up-sent');
  const confirm = await postbox.take(newcomer, '/signup/confirm');
  await read(confirm, 'mail-sign-up');
  const stranger = await open();
  await stranger.goto(confirm.link('/signup/confirm'));
  await look(stranger, 'sign-up-confirm');
  await stranger.fill('input[name=password]', PASSWORD);
  await stranger.click('#signup-confirm');
  await look(stranger, 'sign-up-confirmed');
  await stranger.goto(confirm.link('/signup/confirm'));
  await look(stranger, 'sign-up-link-void');
  await stranger.context().close();
  await see('/account', 'login-again');

  // The password is lost.
  await page.click('#forgot-password');
  await look(page, 'recover');
  await page.fill('input[name=username]', person.username);
  await page.click('#recover-submit');
  await look(page, 'recover-asked');
  const reset = (await mail('/recover/reset', 'mail-recover')).link('/recover/reset');
  await page.goto(reset);
  await look(page, 'reset');
  await page.fill('input[name=password]', 'passwordpassword');
  await page.click('#reset-submit');
  await look(page, 'reset-refused');
  person.password = ANOTHER;
  await page.fill('input[name=password]', ANOTHER);
  await page.click('#reset-submit');
  await look(page, 'reset-done');
  await mail('', 'mail-password-changed');
  await page.goto(reset);
  await look(page, 'link-void');

  // By mail instead of a password.
  await page.goto(place.authorize());
  await look(page, 'login-to-app');
  await page.fill('input[name=username]', person.username);
  await page.click('#login-email');
  await look(page, 'mailed-code');
  await page.fill('input[name=code]', '00000000');
  await page.click('#code-submit');
  await look(page, 'mailed-code-wrong');
  const link = (await mail('/login/link', 'mail-sign-in')).link('/login/link');
  const elsewhere = await open();
  await elsewhere.goto(link);
  await look(elsewhere, 'mailed-link-elsewhere');
  await elsewhere.context().close();
  await page.goto(link);
  await look(page, 'mailed-link');
  await page.click('#link-submit');
  await look(page, 'consent');
  await page.click('#consent-allow');
  await page.waitForSelector('#arrived');
  await page.goto(place.authorize({ prompt: 'select_account' }));
  await look(page, 'choose-account');

  // A second account in the same browser.
  await see('/account/add', 'login-to-add');
  await typeLogin(page, place.user(`second-${language}`, language));
  await page.click('#switch-account');
  await look(page, 'account-of-two');
  await page.goto(place.authorize({ prompt: 'select_account' }));
  await look(page, 'choose-account-of-two');
  await see('/logout', 'logout-of-two');
  await page.click('#logout-confirm');
  await look(page, 'signed-out-one');

  // The account's own pages.
  await see('/account', 'account');
  await see('/account/profile', 'profile');
  // The browser would refuse it too; what is looked at is what the server says.
  await page.$eval('#profile-submit', (button) => { button.form.noValidate = true; });
  await page.fill('input[name=website]', 'nowhere');
  await page.click('#profile-submit');
  await look(page, 'profile-wrong');
  await see('/account/sessions', 'sessions');
  await see('/account/apps', 'apps');
  await see('/account/activity', 'activity');
  await page.goto(`${issuer}/account/data`);
  if (await page.locator('#login-submit').count()) await typeLoginAgain(page, person);
  await look(page, 'data');
  await page.goto(`${issuer}/account/password`);
  if (await page.locator('#login-submit').count()) await typeLoginAgain(page, person);
  await look(page, 'password');
  await page.fill('input[name=current_password]', 'wrong');
  await page.fill('input[name=password]', 'passwordpassword');
  await page.click('#password-submit');
  await look(page, 'password-wrong');

  // Factors.
  // Another address.
  await see('/account/email', 'email');
  const moved = `moved-${language}@example.com`;
  await page.fill('#email', moved);
  await page.click('#email-submit');
  await look(page, 'email-asked');
  const proof = await postbox.take(moved, '/account/email/confirm');
  await read(proof, 'mail-email-confirm');
  await page.goto(proof.link('/account/email/confirm'));
  await look(page, 'email-confirm');
  await page.click('#link-confirm');
  await look(page, 'email-changed');
  const undo = (await mail('/account/email/undo', 'mail-email-changed')).link('/account/email/undo');
  await page.goto(undo);
  await look(page, 'email-undo');
  person.email = moved;

  await see('/account/factors', 'factors-none');
  await page.click('#totp-add');
  await look(page, 'totp');
  const app = new App(await page.innerText('#totp-secret'));
  await page.fill('input[name=code]', app.wrong());
  await page.click('#totp-confirm');
  await look(page, 'totp-wrong');
  await page.fill('input[name=code]', await app.code());
  await page.click('#totp-confirm');
  await look(page, 'totp-added');
  await mail('', 'mail-factor-added');
  await page.click('#recovery-codes-make');
  await look(page, 'recovery-codes');
  await passkeyDevice(page);
  await see('/account/factors/passkey', 'passkey-add');
  await page.click('#passkey-submit');
  await page.waitForURL('**/account/factors*');
  await page.waitForSelector('#notice');
  await look(page, 'factors');
  await see('/logout', 'logout');
  await page.click('#logout-confirm');
  await look(page, 'signed-out');

  // With a second factor.
  const other = await open();
  await other.goto(place.authorize({ acr_values: 'urn:latchkey:acr:mfa' }));
  await typeLogin(other, person);
  await look(other, 'second-factor-passkey');
  await other.click('#mfa-other');
  await look(other, 'second-factor-app');
  await other.fill('input[name=code]', app.wrong());
  await other.click('#mfa-submit');
  await look(other, 'second-factor-wrong');
  await other.click('#mfa-recovery');
  await look(other, 'second-factor-recovery');

  // Whoever has lost them all.
  await other.click('#mfa-lost');
  await look(other, 'lost-factors');
  await other.click('#lost-begin');
  await other.waitForSelector('#lost-waits');
  await look(other, 'lost-factors-waits');
  const keep = (await mail('/recover/factors/cancel', 'mail-lost-factors')).link('/recover/factors/cancel');
  await other.goto(keep);
  await look(other, 'cancel-recovery');
  await other.click('#cancel-recovery');
  await look(other, 'recovery-cancelled');
  await other.goto(keep);
  await look(other, 'cancel-recovery-over');
  await other.context().close();
  await page.context().close();

  const chapter = { place, open, look, read, language };
  return [
    ...page.complaints, ...other.complaints,
    ...await providers(chapter), ...await deletion(chapter), ...await invitation(chapter),
  ];
}

/** A page that asks for the password of one who is signed in shows the name, and no field for it. */
export async function typeLoginAgain(page, person) {
  await page.fill('input[name=password]', person.password);
  await page.click('#login-submit');
}
