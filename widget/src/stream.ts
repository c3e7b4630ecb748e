/** The stream of messages: read with fetch, so that the token stays out of the address, and opened again when it ends. */

import { Refusal } from "./api.ts";
import { EventParser, type ServerEvent } from "./events.ts";
import { delay, pause } from "./retry.ts";

/** The server sends something every 15 s; a connection that is silent for so long is dead. */
const SILENCE = 40_000;
/** A stream that ends sooner than this has failed, or a broken proxy would be asked without end. */
const SHORTEST = 2_000;

interface Listener {
  connect(signal: AbortSignal): Promise<Response>;
  receive(event: ServerEvent): void;
  /** Whether there is a connection. */
  connected(yes: boolean): void;
  /** The session is gone; the stream has ended. */
  lost(): void;
}

export class Stream {
  readonly #listener: Listener;
  #stop: AbortController | undefined;
  #hurry: AbortController | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Begin to listen; does nothing if it does already. */
  start(): void {
    if (!this.#stop) void this.#run((this.#stop = new AbortController()).signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  /** Try again at once instead of waiting. */
  hurry(): void {
    this.#hurry?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const began = Date.now();
      try {
        const told = await this.#read(signal);
        failures = told || Date.now() - began > SHORTEST ? 0 : failures + 1;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal && error.lost) {
          this.stop();
          this.#listener.lost();
          return;
        }
        failures += 1;
        this.#listener.connected(false);
      }
      if (!failures) continue;
      this.#hurry = new AbortController();
      await pause(delay(failures), AbortSignal.any([signal, this.#hurry.signal]));
    }
  }

  /** Read one connection to its end; return whether the server said goodbye. */
  async #read(signal: AbortSignal): Promise<boolean> {
    const silent = new AbortController();
    const either = AbortSignal.any([signal, silent.signal]);
    const watch = (): ReturnType<typeof setTimeout> => setTimeout(() => silent.abort(), SILENCE);
    let timer = watch();
    try {
      const response = await this.#listener.connect(either);
      this.#listener.connected(true);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return false;
        clearTimeout(timer);
        timer = watch();
        for (const event of parser.push(value)) {
          if (event.type === "bye") return true;
          this.#listener.receive(event);
        }
      }
    } finally {
      clearTimeout(timer);
      silent.abort();
    }
  }
}
