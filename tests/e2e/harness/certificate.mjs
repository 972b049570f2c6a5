// https on this machine: an authority and a certificate for localhost, made for this test file and trusted by nobody else.

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, setGlobalDispatcher } from 'undici';

const NAMES = 'DNS:localhost,IP:127.0.0.1';

let made;

/**
 * Files in PEM: the authority `ca`, and `cert` and `key` for localhost. From now on `fetch` in this process trusts them, beside
 * which it trusts nobody. They are removed when the process ends.
 */
export function certificate() {
  made ??= make();
  return made;
}

/** What a server of node:https is given. */
export function credentials() {
  const { cert, key } = certificate();
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function make() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-tls-'));
  // The keys in it are readable by us alone; Apache reads the authority as somebody else.
  chmodSync(folder, 0o755);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name));
  const authority = join(folder, 'ca.key');
  openssl(authority, ca, '/CN=Latchkey tests', ['-addext', 'keyUsage=critical,keyCertSign']);
  openssl(key, cert, '/CN=localhost', ['-CA', ca, '-CAkey', authority, '-addext', `subjectAltName=${NAMES}`,
    '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth']);
  setGlobalDispatcher(new Agent({ connect: { ca: readFileSync(ca) } }));
  return { ca, cert, key, pin: pin(cert) };
}

function openssl(key, cert, subject, more) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2',
    '-subj', subject, '-keyout', key, '-out', cert, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The hash of the public key, by which Chromium is told to trust this certificate. */
function pin(file) {
  const { publicKey } = new X509Certificate(readFileSync(file));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}
