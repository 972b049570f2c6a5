// A person at a browser without JavaScript, over plain HTTP: for clients that only need someone to sign in.

const MOST_STEPS = 20;

export class Person {
  #cookies = new Map();

  /** Opens the authorization request and does what each page asks for, until the browser is sent to `away`. */
  async authorize(url, away, username, password) {
    let step = await this.#open(url, {}, away);
    for (let count = 0; count < MOST_STEPS; count += 1) {
      if (step.away) return step.away;
      const login = form(step.html, 'login-submit');
      const consent = form(step.html, 'consent-allow');
      if (!login && !consent) throw new Error(`neither a login nor a consent page: ${step.status} ${step.url}\n${step.html}`);
      const fields = (login ?? consent).fields;
      if (login) Object.assign(fields, { username, password });
      const target = new URL((login ?? consent).action, step.url);
      step = await this.#open(target, { method: 'POST', body: new URLSearchParams(fields) }, away);
    }
    throw new Error('the flow does not end');
  }

  /** Follows an address to where it leads: a page, or away. */
  open(url, away) {
    return this.#open(url, {}, away);
  }

  /** Presses a button of a page that `open` gave. */
  press(page, button, away) {
    const { action, fields } = form(page.html, button);
    return this.#open(new URL(action, page.url), { method: 'POST', body: new URLSearchParams(fields) }, away);
  }

  async #open(start, init, away) {
    let url = new URL(start);
    let request = init;
    for (let count = 0; count < MOST_STEPS; count += 1) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(cookie && { cookie }), ...(request.method === 'POST' && { origin: url.origin }) };
      const answer = await fetch(url, { ...request, headers, redirect: 'manual' });
      answer.headers.getSetCookie().forEach((line) => this.#keep(line));
      const location = answer.headers.get('location');
      if (location === null) return { url, status: answer.status, html: await answer.text() };
      await answer.arrayBuffer();
      if (location.startsWith(away)) return { away: new URL(location) };
      url = new URL(location, url);
      request = {};
    }
    throw new Error(`too many redirects, the last to ${url}`);
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const ended = value === '' || attributes.some((attribute) => attribute.toLowerCase() === 'max-age=0');
    if (ended) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** The form with this button, as our templates write forms, with the button pressed. */
function form(html, button) {
  for (const [text] of html.matchAll(/<form[\s>][\s\S]*?<\/form>/g)) {
    const tags = [...text.matchAll(/<(form|input|button)\b([^>]*)>/g)];
    const pressed = tags.find(([, tag, rest]) => tag === 'button' && attribute(rest, 'id') === button);
    if (!pressed) continue;
    const sent = [...tags.filter(([, tag]) => tag === 'input'), pressed];
    const fields = Object.fromEntries(sent.map(([, , rest]) => [attribute(rest, 'name'), attribute(rest, 'value')]));
    delete fields[''];
    return { action: attribute(tags[0][2], 'action'), fields };
  }
  return undefined;
}

function attribute(tag, name) {
  const raw = tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? '';
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return raw.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, decimal, hex, entity) =>
    entity ? named[entity] : String.fromCodePoint(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)));
}
