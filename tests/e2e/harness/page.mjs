// The programs and commands on the pages of docs/integrate, taken from there and run.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BINARY } from './latchkey.mjs';

const PAGES = join(import.meta.dirname, '../../../docs/integrate');
// Below node_modules, so that a program finds the libraries that it imports.
const PROGRAMS = join(import.meta.dirname, '../node_modules/.integrate');

/** A page, with the addresses and paths that it shows replaced by those of the test. */
export class Page {
  #name;
  #text;

  constructor(name, replacements) {
    this.#name = name;
    this.#text = readFileSync(join(PAGES, name), 'utf8');
    for (const [shown, real] of Object.entries(replacements)) {
      assert.ok(this.#text.includes(shown), `${name} does not contain ${shown}`);
      this.#text = this.#text.replaceAll(shown, real);
    }
  }

  /** The code of this language, block by block. */
  blocks(language) {
    const blocks = [...this.#text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language);
    assert.ok(blocks.length > 0, `${this.#name} has no ${language}`);
    return blocks.map(([, , code]) => code);
  }

  /** Runs a block of commands in a shell that knows `latchkey`, and returns what it prints. */
  command(code, environment = {}) {
    const bin = join(PROGRAMS, `bin-${process.pid}`);
    mkdirSync(bin, { recursive: true });
    try { symlinkSync(BINARY, join(bin, 'latchkey')); } catch (error) { if (error.code !== 'EEXIST') throw error; }
    const env = { ...process.env, ...environment, PATH: `${bin}:${process.env.PATH}` };
    const done = spawnSync('sh', ['-e', '-c', code], { env, encoding: 'utf8' });
    assert.equal(done.status, 0, `${code}\n${done.stdout}\n${done.stderr}`);
    return done.stdout;
  }

  /** Runs a block that registers a client, and returns what it prints, as a person would copy it; a public one has no secret. */
  register(code) {
    const text = this.command(code);
    const value = (name) => new RegExp(`^${name} +(\\S+)$`, 'm').exec(text)?.[1];
    assert.ok(value('client_id'), text);
    return { id: value('client_id'), secret: value('client_secret') };
  }

  /** Starts the JavaScript program of the page. Returns a function that ends it. */
  start(environment) {
    const file = join(PROGRAMS, `${this.#name}.${process.pid}.mjs`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.blocks('js')[0]);
    const child = spawn(process.execPath, [file], { env: { ...process.env, ...environment }, stdio: 'inherit' });
    process.on('exit', () => child.kill('SIGKILL'));
    return () => child.kill('SIGKILL');
  }
}
