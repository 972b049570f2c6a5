// Programs in Python with the libraries of scripts/lib/authlib.txt, which scripts/test installs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { certificate } from './certificate.mjs';

const PYTHON = resolve(process.env.E2E_PYTHON ?? join(import.meta.dirname, '../../../target/tools/authlib/bin/python'));

/** Why it cannot run here, or false. */
export const noAuthlib = !existsSync(PYTHON)
  && `${PYTHON} is not there: python3 -m venv target/tools/authlib, and its pip install --require-hashes -r scripts/lib/authlib.txt`;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts it, trusting the certificate of the tests. Its output is a line for each answer: `ask` sends one line and reads one, as JSON. */
export function startPython(args, { cwd, env } = {}) {
  const child = spawn(PYTHON, args, {
    cwd, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, REQUESTS_CA_BUNDLE: certificate().ca, ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines = createInterface({ input: child.stdout });
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const ended = once(child, 'exit').then(([code]) => { throw new Error(`the Python program ended with ${code}`); });
      const [line] = await Promise.race([once(lines, 'line'), ended]);
      return JSON.parse(line);
    },
    stop: () => child.kill('SIGKILL'),
  };
}
