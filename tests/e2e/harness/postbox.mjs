// A mail server of the tests: takes whatever is sent to it, and shows what a person would read.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { until } from './latchkey.mjs';

/** Starts one on a free port of this machine. */
export async function startPostbox() {
  const mails = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, (mail) => mails.unshift(mail));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** All that has come, the newest first. */
    mails,
    /** Waits for a mail to this address with this in one of its links, and takes it out. */
    take(to, part = '') {
      return until(`a mail to ${to} with a link of ${part}`, () => {
        const at = mails.findIndex((mail) => mail.to === to && (part === '' || mail.link(part)));
        return at >= 0 && mails.splice(at, 1)[0];
      });
    },
    stop() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

/** As much of RFC 5321 as our sender speaks. */
function serve(socket, deliver) {
  let text = '';
  let to;
  let inside = false;
  socket.setEncoding('latin1');
  socket.write('220 postbox\r\n');
  socket.on('data', (chunk) => {
    text += chunk;
    for (;;) {
      const end = inside ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n');
      if (end < 0) return;
      const piece = text.slice(0, end);
      text = text.slice(end + (inside ? 5 : 2));
      if (inside) {
        inside = false;
        deliver(read(to, piece.replace(/^\.\./gm, '.')));
        socket.write('250 taken\r\n');
      } else if (/^data$/i.test(piece)) {
        inside = true;
        socket.write('354 go on\r\n');
      } else if (/^quit$/i.test(piece)) {
        socket.end('221 bye\r\n');
      } else {
        to = /^rcpt to:<(.*?)>/i.exec(piece)?.[1] ?? to;
        socket.write(/^ehlo/i.test(piece) ? '250-postbox\r\n250 8BITMIME\r\n' : '250 ok\r\n');
      }
    }
  });
}

function read(to, raw) {
  const parts = leaves(raw);
  const of = (type) => parts.find((part) => part.type === type)?.body ?? '';
  const text = of('text/plain');
  const links = text.match(/https?:\/\/\S+/g) ?? [];
  return { to, text, html: of('text/html'), link: (part) => links.find((link) => link.includes(part)) };
}

/** The parts of a message that are not divided further (RFC 2046). */
function leaves(raw) {
  const middle = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, middle).replace(/\r\n[ \t]+/g, ' ');
  const body = raw.slice(middle + 4);
  const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1].trim() ?? '';
  const type = header('content-type');
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary) return body.split(`--${boundary}`).slice(1, -1).flatMap((part) => leaves(part.replace(/^\r\n/, '')));
  return [{ type: type.split(';')[0].toLowerCase(), body: decoded(body, header('content-transfer-encoding').toLowerCase()) }];
}

function decoded(body, encoding) {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8');
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
