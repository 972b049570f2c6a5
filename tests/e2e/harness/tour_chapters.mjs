// Parts of the tour that stand on their own: other providers, deletion, an invitation. Each begins with nobody signed in.

import { typeLogin } from './browser.mjs';
import { asSettings, startHome } from './upstream.mjs';
import { startPlace } from './place.mjs';

const PASSWORD = 'quince lantern orbit';
const READY_MADE = ['google', 'github', 'gitlab', 'discord', 'spotify', 'apple'];

/** The place of the tour: with every button that there is, one of them of a provider that works, and one of one that does not. */
export async function startTourPlace() {
  const home = await startHome({ host: '127.0.0.1' });
  const settings = (issuer) => [
    ...asSettings('home', home.knownTo(issuer), ['127.0.0.1:9']),
    '[providers.shut]\ntype = "oidc"\nname = "Shut"\nissuer = "http://127.0.0.1:9"\nclient_id = "x"\nclient_secret = "y"',
    ...READY_MADE.map((name) => `[providers.${name}]\ntype = "${name}"\nclient_id = "x"\nclient_secret = "y"`),
    '[providers.microsoft]\ntype = "microsoft"\ntenant = "common"\nclient_id = "x"\nclient_secret = "y"',
  ];
  const place = await startPlace({ settings });
  const stop = async () => {
    await place.stop();
    await home.stop();
  };
  return { ...place, home, stop };
}

/** Other providers: come back from in vain, connected and disconnected. */
export async function providers({ place, open, look, read, language }) {
  const { home, issuer, postbox } = place;
  const page = await open();
  const there = `there-${language}`;
  home.createUser(there, PASSWORD);
  await page.goto(place.authorize());
  await page.click('button[value=home]');
  await page.waitForURL(`${home.issuer}/**`);
  await page.click('#login-cancel');
  await page.waitForURL(`${issuer}/login*`);
  await look(page, 'login-provider-denied');
  await page.click('button[value=shut]');
  await page.click('button[value=shut]');
  await look(page, 'login-provider-down');

  const person = place.user(`connects-${language}`, language);
  await page.goto(`${issuer}/account/connections`);
  await typeLogin(page, person);
  await look(page, 'connections-none');
  await page.click('button[value=home]');
  await page.waitForURL(`${home.issuer}/**`);
  await typeLogin(page, { username: there, password: PASSWORD });
  await page.click('#consent-allow');
  await page.waitForSelector('#notice');
  await look(page, 'connections');
  await read(await postbox.take(person.email), 'mail-connected');
  await page.click('.disconnect');
  await page.waitForSelector('#notice');
  await look(page, 'connections-disconnected');
  await page.context().close();
  return page.complaints;
}

/** Somebody deletes their account, and comes back. */
export async function deletion({ place, open, look, read, language }) {
  const { issuer, postbox } = place;
  const page = await open();
  const person = place.user(`leaves-${language}`, language);
  await page.goto(`${issuer}/account/delete`);
  await typeLogin(page, person);
  await look(page, 'delete');
  await page.fill('#confirmation', 'somebody');
  await page.click('#delete-submit');
  await page.waitForSelector('#confirmation-error');
  await look(page, 'delete-refused');
  await page.fill('#confirmation', person.username);
  await page.click('#delete-submit');
  await page.waitForSelector('#deletion-at');
  await look(page, 'deletion-begun');
  await read(await postbox.take(person.email), 'mail-deletion-begun');
  await page.goto(place.authorize());
  await typeLogin(page, person);
  await look(page, 'keep-account-for-app');
  await page.goto(`${issuer}/account`);
  await look(page, 'keep-account');
  await page.context().close();
  return page.complaints;
}

/** Somebody is invited. */
export async function invitation({ place, open, look, read, language }) {
  const page = await open();
  const email = `invited-${language}@example.com`;
  place.server.run(['users', 'invite', '--email', email, '--username', `invited-${language}`]);
  const mail = await place.postbox.take(email, '/signup?invitation=');
  await read(mail, 'mail-invitation');
  const link = mail.link('/signup?invitation=');
  await page.goto(link);
  await look(page, 'invitation');
  await page.fill('input[name=password]', 'passwordpassword');
  await page.click('#signup-submit');
  await page.waitForSelector('#password-error');
  await look(page, 'invitation-refused');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('#signup-submit');
  await page.waitForSelector('.owner');
  await page.goto(link);
  await look(page, 'invitation-used');
  await page.context().close();
  return page.complaints;
}
