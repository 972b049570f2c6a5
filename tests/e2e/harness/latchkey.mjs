// The real program: `latchkey dev`, `latchkey serve` and the commands, each on data of its own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { randomBytes, randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { certificate } from './certificate.mjs';
import { newDatabase, USUAL } from './database.mjs';

export const BINARY = resolve(process.env.E2E_BINARY ?? join(import.meta.dirname, '../../../target/debug/latchkey'));
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Waits until `condition` gives something true, and returns that. */
export async function until(what, condition, deadlineMs = START_DEADLINE_MS) {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * `latchkey dev` on a fresh data directory, which is SQLite always. Resolves to what it says of itself once it is ready.
 * `environment` gets the issuer and gives variables for it.
 */
export async function startDev({ environment } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
  const address = `127.0.0.1:${environment ? await freePort() : 0}`;
  const env = environment?.(`http://${address}`);
  let child;
  const start = async (listen) => {
    child = launch(['dev', '--listen', listen, '--data-dir', join(folder, 'data'), '--json'], folder, env);
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => { throw new Error(`latchkey dev ended:\n${log(folder)}`); }),
    ]);
    return JSON.parse(line);
  };
  const ready = await start(address);
  return {
    ...ready,
    /** The configuration file that `dev` leaves for the commands. */
    config: join(folder, 'data', 'latchkey.toml'),
    run: (args, input) => run(join(folder, 'data', 'latchkey.toml'), args, input),
    persona: (username) => ready.personas.find((persona) => persona.username === username),
    /** Ends the process and starts it on the same data and port. */
    async restart() {
      await terminate(child);
      await start(new URL(ready.issuer).host);
    },
    async stop() {
      await terminate(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `latchkey serve` with a configuration file and an empty database, on `host`. `settings` are added to the file: a list, or a
 * function that gets the issuer and gives one. With `https` it is on localhost, by its own TLS. The issuer may have a `path`.
 */
export async function startServe({ https = false, host = https ? 'localhost' : '127.0.0.1', path = '', settings = [], engine = USUAL } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
  const [port, database] = await Promise.all([freePort(), newDatabase(engine, folder)]);
  const issuer = `${https ? 'https' : 'http'}://${host}:${port}${path}`;
  const config = join(folder, 'latchkey.toml');
  writeFileSync(config, [
    `issuer = "${issuer}"`,
    `[server]\nlisten = "127.0.0.1:${port}"\n# No load balancer has to notice.\ndrain = "0s"`,
    `[database]\nurl = "${database.url}"`,
    `[secrets]\nmaster_key = "${randomBytes(32).toString('base64')}"`,
    ...(https ? [`[server.tls]\ncert = "${certificate().cert}"\nkey = "${certificate().key}"`] : []),
    ...(typeof settings === 'function' ? settings(issuer) : settings),
  ].join('\n'));
  const child = launch(['serve', '--config', config], folder);
  await until('the server is ready', async () => {
    if (child.exitCode !== null) throw new Error(`latchkey serve ended:\n${log(folder)}`);
    return fetch(`${issuer}/readyz`).then((answer) => answer.ok, () => false);
  });
  return {
    issuer,
    config,
    run: (args, input) => run(config, args, input),
    createUser(username, password) {
      const email = `${username}@example.com`;
      return this.run(['users', 'create', '--username', username, '--email', email, '--email-verified'], `${password}\n`);
    },
    async stop() {
      await terminate(child);
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command on the configuration of a server and returns the JSON object that it prints. */
function run(config, args, input = '') {
  const done = spawnSync(BINARY, [...args, '--config', config, '--json'], { input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`latchkey ${args.join(' ')} failed: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

function launch(args, folder, variables = {}) {
  const stdio = ['ignore', 'pipe', openSync(join(folder, 'log'), 'a')];
  const child = spawn(BINARY, args, { stdio, env: { ...process.env, ...variables } });
  children.add(child);
  child.once('exit', () => children.delete(child));
  if (args[0] === 'serve') child.stdout.resume();
  return child;
}

/** Asks the process to end, as an init system would, and makes it when it does not. */
async function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`a graceful stop ended with ${code ?? signal}`);
}

function log(folder) {
  return readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(-30).join('\n');
}

/** A free port below the range from which the kernel gives ports to outgoing connections. */
export async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
