// A real Chromium, and what a person does with it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const SCREENSHOTS = join(import.meta.dirname, '../../../target/e2e/screenshots');
const WAIT_MS = 20_000;

/** Starts Chromium without anything that would talk to the outside. With `pin` it trusts the certificate that has this pin. */
export function startBrowser({ pin } = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ...(pin ? [`--ignore-certificate-errors-spki-list=${pin}`] : []),
    ],
  });
}

/**
 * A person with an own profile. Whatever the browser complains about (a script error, a refused style, a request to
 * another origin than `allowed`, one or several) is kept in `page.complaints`.
 */
export async function newPerson(browser, allowed, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    // A page that answers 4xx is reported as an error too; those are the tests' own business.
    const expected = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !expected) page.complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    const known = [allowed, 'data:'].flat().some((start) => url.startsWith(start));
    if (!known) page.complaints.push(`a request to ${url}`);
  });
  return page;
}

/** Keeps a picture of the page in target/e2e/screenshots. */
export async function picture(page, name) {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Types name and password into the login page and presses the button. */
export async function typeLogin(page, persona, password = persona.password) {
  await page.fill('input[name=username]', persona.username);
  await page.fill('input[name=password]', password);
  await page.click('#login-submit');
}
