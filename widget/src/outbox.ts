/** The visitor's messages on their way: one after the other, each until the server has it, each under one key. */

import { Refusal } from "./api.ts";
import { pause } from "./retry.ts";
import type { Language } from "./types.ts";

export interface Letter {
  /** Sent as Idempotency-Key with each attempt, so that none is taken twice. */
  readonly key: string;
  readonly text: string;
  /** A button's payload, sent in place of the text. */
  readonly payload: string | undefined;
  readonly language: Language;
  /** The server's number of it. */
  id?: number;
  state?: "waiting" | "sent" | "failed";
}

export interface Carrier {
  /** Deliver a letter and return its number. */
  deliver(letter: Letter): Promise<number>;
  /** A letter's state has changed; `refusal` is why the server did not take it. */
  changed(refusal?: Refusal): void;
  connected(yes: boolean): void;
}

export class Outbox {
  readonly #carrier: Carrier;
  #letters: Letter[] = [];
  #busy = false;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  add(text: string, payload: string | undefined, language: Language): Letter {
    const letter: Letter = { key: key(), text, payload, language };
    this.#letters.push(letter);
    void this.#work();
    return letter;
  }

  /** Give up what has not been sent. */
  clear(): void {
    this.#letters = [];
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let failures = 0, letter; (letter = this.#letters[0]); ) {
      const wait = await this.#attempt(letter);
      if (wait !== undefined) await pause((failures += 1), wait);
      else {
        failures = 0;
        if (this.#letters[0] === letter) this.#letters.shift();
      }
    }
    this.#busy = false;
  }

  /** Try to deliver a letter; return how long to wait at least before it is tried again, nothing if it is done with. */
  async #attempt(letter: Letter): Promise<number | undefined> {
    try {
      const id = await this.#carrier.deliver(letter);
      letter.id ??= id;
      letter.state = "sent";
      this.#carrier.connected(true);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : undefined;
      letter.state = refusal && !refusal.passing ? "failed" : "waiting";
      this.#carrier.connected(!!refusal);
      this.#carrier.changed(refusal);
      if (letter.state === "waiting") return refusal?.wait ?? 0;
    }
    return undefined;
  }
}

/** Return a random key; crypto.randomUUID is missing on pages without TLS. */
function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
