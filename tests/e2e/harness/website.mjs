// An application that is nothing but files: a page of docs/integrate, and the libraries from npm that it loads.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join, normalize } from 'node:path';
import { credentials } from './certificate.mjs';

const LIBRARIES = join(import.meta.dirname, '..');

/** Serves `files` (by path) and node_modules over https on a port of localhost. `files` may be filled later. */
export async function startWebsite(files = {}) {
  const server = createServer(credentials(), (request, answer) => {
    const path = new URL(request.url, 'https://localhost').pathname;
    const library = path.startsWith('/node_modules/') && path === normalize(path) && path.endsWith('.js');
    if (path in files) answer.setHeader('content-type', 'text/html; charset=utf-8').end(files[path]);
    else if (library) answer.setHeader('content-type', 'text/javascript').end(readFileSync(join(LIBRARIES, path)));
    else answer.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://localhost:${server.address().port}`,
    files,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
