/** The stream of messages: read with fetch, so that the token stays out of the address, and opened again when it ends. */

import { Refusal } from "./api.ts";
import { EventParser, type ServerEvent } from "./events.ts";
import { pause } from "./retry.ts";

/** The server sends something every 15 s; a connection that is silent for so long is dead. */
const SILENCE = 40_000;
/** A stream that ends sooner than this has failed, or a broken proxy would be asked without end. */
const SHORTEST = 2_000;

export interface Hearer {
  connect(signal: AbortSignal): Promise<Response>;
  receive(event: ServerEvent): void;
  /** Whether there is a connection. */
  connected(yes: boolean): void;
  /** The session is gone; the stream has ended. */
  lost(): void;
}

export class Stream {
  readonly #hearer: Hearer;
  /** The connection that is wanted; one that finds another here, or none, ends. */
  #current: AbortController | undefined;

  constructor(hearer: Hearer) {
    this.#hearer = hearer;
  }

  /** Begin to listen; does nothing if it does already. */
  start(): void {
    if (!this.#current) void this.#run((this.#current = new AbortController()), 0);
  }

  stop(): void {
    this.#current?.abort();
    this.#current = undefined;
  }

  async #run(mine: AbortController, failures: number): Promise<void> {
    const began = Date.now();
    try {
      const told = await this.#read(mine);
      failures = told || Date.now() - began > SHORTEST ? 0 : failures + 1;
    } catch (error) {
      if (this.#current !== mine) return;
      if (error instanceof Refusal && error.lost) {
        this.stop();
        return this.#hearer.lost();
      }
      failures += 1;
      this.#hearer.connected(false);
    }
    if (failures) await pause(failures);
    if (this.#current === mine) void this.#run((this.#current = new AbortController()), failures);
  }

  /** Read one connection to its end; return whether the server said goodbye. */
  async #read(mine: AbortController): Promise<boolean> {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const watch = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => mine.abort(), SILENCE);
    };
    watch();
    try {
      const response = await this.#hearer.connect(mine.signal);
      this.#hearer.connected(true);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#current !== mine) return false;
        watch();
        for (const event of parser.push(value)) {
          if (event.type === "bye") return true;
          this.#hearer.receive(event);
        }
      }
    } finally {
      clearTimeout(silence);
      mine.abort();
    }
  }
}
