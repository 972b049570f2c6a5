// Whether a page can be used by everybody: axe-core, in both colour schemes, and on a small phone no scrolling sideways and no
// word that is broken where none may be.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The widths of a small phone (and of a page enlarged to 400 %, WCAG 2.2 SC 1.4.10), a phone and a desktop. */
const WIDTHS = [320, 390, 1100];
/** In which of them the rules are asked, and with which colours: at all, or, of a page in another language, at one. */
const ASKED = { 320: 'light', 390: 'dark', 1100: 'light' };
const ASKED_AGAIN = { 1100: 'dark' };

/** What is wrong with a page, each as a line. What depends on words (room, lines) is looked at in every language and width. */
export async function audit(page, name, again = false) {
  const asked = again ? ASKED_AGAIN : ASKED;
  const problems = [];
  for (const width of WIDTHS) {
    const scheme = asked[width] ?? 'light';
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const over = await page.evaluate(tooWide);
    if (over) problems.push(`${name}, ${width} px: scrolls sideways because of ${over}`);
    const broken = await page.evaluate(brokenWords);
    if (broken.length > 0) problems.push(`${name}, ${width} px: breaks ${broken.join(', ')}`);
    if (!asked[width]) continue;
    await page.evaluate(`window.axe || (() => { const module = undefined, define = undefined; ${AXE} })()`);
    const found = await page.evaluate((tags) => window.axe.run(document, {
      runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'],
    }), TAGS);
    for (const { id, help, nodes } of found.violations) {
      problems.push(`${name}, ${width} px, ${scheme}: ${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    }
  }
  return problems;
}

function tooWide() {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return null;
  const element = [...document.querySelectorAll('body *')].findLast((one) => one.getBoundingClientRect().right > room + 0.5);
  return element ? element.outerHTML.slice(0, 160) : 'something';
}

/** Words that go on in the next line without a hyphen, but for what is no word: addresses and codes. */
function brokenWords() {
  const boxes = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return [...range.getClientRects()];
  };
  const broken = [];
  for (const element of document.querySelectorAll('h1, h2, label, p, button, a, summary, strong, dt')) {
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || element.closest('.visually-hidden, code, .mail')) continue;
      for (const { 0: word, index } of node.data.matchAll(/[^\s\-\u00ad]+/g)) {
        // The boxes of the hyphen that stands at the end of a line belong to the letters round it.
        const first = boxes(node, index).at(-1);
        const last = boxes(node, index + word.length - 1).at(0);
        if (first && last && last.top - first.top > 2 && !/[@:/.]/.test(word)) broken.push(word);
      }
    }
  }
  return broken;
}
