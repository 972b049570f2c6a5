// An application that is told of logouts in every way that there is: by its server, by a frame, and by asking.

import { once } from 'node:events';
import { createServer } from 'node:https';
import { credentials } from './certificate.mjs';

/** Serves it over https on a port of localhost. `told` is what it heard; while `hangs` is set, its frame never loads. */
export async function startRelyingParty() {
  const party = { told: { front: [], back: [] }, hangs: false };
  const server = createServer(credentials(), async (request, answer) => {
    const url = new URL(request.url, party.origin);
    const page = (html) => answer.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html><title>App</title>${html}`);
    if (url.pathname === '/back') {
      let body = '';
      for await (const chunk of request) body += chunk;
      party.told.back.push(new URLSearchParams(body).get('logout_token'));
      return answer.end();
    }
    if (url.pathname === '/front') {
      party.told.front.push(url.searchParams);
      return party.hangs ? undefined : page('signed out');
    }
    if (url.pathname === '/watch') return page(watch(url.searchParams));
    return page('<p id="here">here</p>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  party.origin = `https://localhost:${server.address().port}`;
  party.metadata = {
    client_name: 'App', redirect_uris: [`${party.origin}/cb`], post_logout_redirect_uris: [`${party.origin}/bye`], first_party: true,
    backchannel_logout_uri: `${party.origin}/back`, backchannel_logout_session_required: true,
    frontchannel_logout_uri: `${party.origin}/front`, frontchannel_logout_session_required: true,
  };
  party.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return party;
}

/** A page that asks the frame of the provider when it is told to, and keeps the answer. */
function watch(query) {
  const [frame, message] = [query.get('frame'), `${query.get('client')} ${query.get('state')}`];
  return `<iframe id="op" src="${frame}"></iframe><script>
    const op = document.getElementById('op'), origin = ${JSON.stringify(new URL(frame).origin)};
    let heard;
    addEventListener('message', (event) => { if (event.origin === origin) heard(event.data); });
    op.onload = () => { window.ask = (what = ${JSON.stringify(message)}) => new Promise((resolve) => {
      heard = resolve;
      op.contentWindow.postMessage(what, origin);
    }); };
  </script>`;
}
