// Apache as Debian ships it, private to a test: no service, a folder of its own, one site over https.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificate } from './certificate.mjs';
import { until } from './latchkey.mjs';

const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
// In an order in which each finds what it needs.
const LOADED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'dir', 'env', 'include', 'mime', 'socache_shmcb', 'ssl'];

/** Why it cannot run here, or false. */
export const noApache = !existsSync(join(MODULES, 'mod_auth_openidc.so'))
  && 'mod_auth_openidc is not installed: apt-get install apache2-bin libapache2-mod-auth-openidc';

/** Starts it on this port of localhost with `lines` of configuration, and these files to serve by name. */
export async function startApache(port, lines, files) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-apache-'));
  // Apache that was started by root reads them as somebody else.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'site'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'site', name), text);
  const { cert, key } = certificate();
  writeFileSync(join(folder, 'apache.conf'), [
    ...LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    'ServerName localhost', `Listen 127.0.0.1:${port}`, 'PidFile pid', 'DefaultRuntimeDir .', 'ErrorLog log', 'StartServers 1',
    ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
    `SSLEngine on\nSSLCertificateFile ${cert}\nSSLCertificateKeyFile ${key}`,
    `DocumentRoot ${folder}/site\nDirectoryIndex index.shtml\nTypesConfig /dev/null\nAddOutputFilter INCLUDES .shtml`,
    `<Directory ${folder}/site>\nOptions +Includes\nForceType text/html\n</Directory>`,
    ...lines,
  ].join('\n'));
  const child = spawn(APACHE, ['-d', folder, '-f', join(folder, 'apache.conf'), '-DFOREGROUND'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const kill = () => spawnSync('kill', ['-KILL', String(child.pid)]);
  process.on('exit', kill);
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  await until('Apache answers', async () => {
    if (child.exitCode !== null) throw new Error(`Apache ended:\n${existsSync(join(folder, 'log')) ? log() : ''}`);
    return fetch(`https://localhost:${port}/bye`).then(() => true, () => false);
  });
  return {
    origin: `https://localhost:${port}`,
    log,
    async stop() {
      process.removeListener('exit', kill);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
