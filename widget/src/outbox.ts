/** The visitor's messages on their way: one after the other, each until the server has it, each under one key. */

import { Refusal } from "./api.ts";
import { delay, pause } from "./retry.ts";
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
  state: "sending" | "waiting" | "sent" | "failed";
}

interface Carrier {
  /** Deliver a letter and return its number. */
  deliver(letter: Letter): Promise<number>;
  changed(letter: Letter): void;
  /** A letter was refused for good, or has to wait although there is a connection. */
  refused(refusal: Refusal): void;
  connected(yes: boolean): void;
}

export class Outbox {
  readonly #carrier: Carrier;
  #letters: Letter[] = [];
  #busy = false;
  #hurry = new AbortController();

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  add(text: string, payload: string | undefined, language: Language): Letter {
    const letter: Letter = { key: key(), text, payload, language, state: "sending" };
    this.#letters.push(letter);
    void this.#work();
    return letter;
  }

  /** Give up what has not been sent. */
  clear(): void {
    this.#letters = [];
    this.hurry();
  }

  /** Try again at once instead of waiting. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let failures = 0, letter; (letter = this.#letters[0]); ) {
      const wait = await this.#attempt(letter, failures + 1);
      if (wait) {
        failures += 1;
        this.#hurry = new AbortController();
        await pause(wait, this.#hurry.signal);
      } else {
        failures = 0;
        if (this.#letters[0] === letter) this.#letters.shift();
      }
    }
    this.#busy = false;
  }

  /** Try to deliver a letter; return how long to wait before it is tried again, 0 if it is done with. */
  async #attempt(letter: Letter, attempt: number): Promise<number> {
    let wait = 0;
    try {
      const id = await this.#carrier.deliver(letter);
      letter.id ??= id;
      letter.state = "sent";
      this.#carrier.connected(true);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : undefined;
      letter.state = refusal && !refusal.passing ? "failed" : "waiting";
      if (refusal) this.#carrier.refused(refusal);
      else this.#carrier.connected(false);
      wait = letter.state === "failed" ? 0 : Math.max(delay(attempt), (refusal?.wait ?? 0) * 1000);
    }
    this.#carrier.changed(letter);
    return wait;
  }
}

/** Return a random key; crypto.randomUUID is missing on pages without TLS. */
function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
