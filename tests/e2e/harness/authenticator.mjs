// What a person has in their hands: an authenticator app, and a device with passkeys.

import { createHmac } from 'node:crypto';

const STEP_SECONDS = 30;

/** An authenticator app (RFC 6238) with the secret that a page shows. It never shows the same code twice. */
export class App {
  #key;
  #last = 0;

  constructor(secret) {
    const digits = [...secret.replace(/[\s=]/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter));
    const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
    this.#key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  }

  /** A code that has not been used. Of a step that has been, it waits for the next, as a person does. */
  async code() {
    const now = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);
    // A server takes the code of the step to come too: clocks differ.
    while (this.#last > now()) await new Promise((resolve) => setTimeout(resolve, 200));
    this.#last = Math.max(now(), this.#last + 1);
    return this.#of(this.#last);
  }

  /** Six digits that are wrong now. */
  wrong() {
    const now = Math.floor(Date.now() / 1000 / STEP_SECONDS);
    const right = [-2, -1, 0, 1, 2].map((off) => this.#of(now + off));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code));
  }

  #of(step) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', this.#key).update(counter).digest();
    const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}

/** Gives the browser of `page` a device with passkeys that knows its owner, as by finger (WebAuthn §11). */
export async function passkeyDevice(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    /** Whether whoever holds the device shows that they are there. */
    present: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
  };
}
