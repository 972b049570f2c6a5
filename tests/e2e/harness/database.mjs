// An empty database of its own for each server, on the engine that the environment asks for, as for the Rust tests:
// TEST_DATABASE=postgres with TEST_DATABASE_URL, a server whose role may create databases; else SQLite.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe } from 'node:test';
import postgres from 'postgres';

const ASKED = process.env.TEST_DATABASE;
const SERVER = process.env.TEST_DATABASE_URL;
if (ASKED === 'postgres' && !SERVER) throw new Error('TEST_DATABASE=postgres needs TEST_DATABASE_URL');

/** What a server of the tests keeps its data in, unless a test says otherwise. */
export const USUAL = ASKED === 'postgres' ? 'postgres' : 'sqlite';

/**
 * The same stories on the engine that TEST_DATABASE names, or on both at once: much of their time is waiting. `stories` gets
 * `sqlite` or `postgres`.
 */
export function onEachDatabase(name, stories) {
  describe(name, { concurrency: true }, () => {
    for (const engine of ASKED ? [USUAL] : ['sqlite', 'postgres']) {
      const skip = engine === 'postgres' && !SERVER && 'TEST_DATABASE_URL names no PostgreSQL server';
      describe(`on ${engine}`, { skip, concurrency: false }, () => stories(engine));
    }
  });
}

/** An empty one: its URL, and what removes it. A SQLite file goes with its `folder`. */
export async function newDatabase(engine, folder) {
  if (engine === 'sqlite') return { url: `sqlite:${join(folder, 'latchkey.sqlite')}`, drop: () => {} };
  const name = `latchkey_e2e_${randomBytes(8).toString('hex')}`;
  await execute(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function execute(statement) {
  const sql = postgres(SERVER, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
