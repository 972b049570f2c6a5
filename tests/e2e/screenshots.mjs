// Pictures of every page and mail, for somebody to look at: phone and desktop, light and dark, in each language.
//
//   node screenshots.mjs [FOLDER]     (default: target/e2e/gallery)

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startBrowser } from './harness/browser.mjs';
import { walk } from './harness/tour.mjs';
import { startTourPlace } from './harness/tour_chapters.mjs';

const FOLDER = resolve(process.argv[2] ?? join(import.meta.dirname, '../../target/e2e/gallery'));
const LOOKS = [
  { name: 'phone-light', width: 390, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, colorScheme: 'dark' },
  { name: 'desktop-light', width: 1100, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1100, colorScheme: 'dark' },
];

const [browser, place] = await Promise.all([startBrowser(), startTourPlace()]);
try {
  for (const language of ['en', 'de']) {
    const folder = join(FOLDER, language);
    mkdirSync(folder, { recursive: true });
    let count = 0;
    const look = async (page, name) => {
      count += 1;
      for (const { name: kind, width, colorScheme } of LOOKS) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const file = `${String(count).padStart(2, '0')}-${name}-${kind}.png`;
        await page.screenshot({ path: join(folder, file), fullPage: true });
      }
    };
    const reader = await browser.newPage();
    const read = async (mail, name) => {
      await reader.setContent(mail.html);
      await look(reader, name);
    };
    const complaints = await walk({ place, browser, language, look, read });
    await reader.close();
    complaints.forEach((line) => console.error(line));
  }
  console.log(FOLDER);
} finally {
  await browser.close();
  await place.stop();
}
