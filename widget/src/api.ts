/** Requests to the web channel under the visitor's session. */

import { read } from "./json.ts";
import * as store from "./store.ts";
import type { Stored } from "./store.ts";
import type { Language, Token } from "./types.ts";

/** A token is renewed so long before it expires; one that has expired all the same is renewed when the server says so. */
const BEFORE_EXPIRY = 60_000;

/** The server has refused a request. */
export class Refusal {
  readonly status: number;
  readonly code: string | undefined;
  /** Why, in each language, where there is something to say to visitors. */
  readonly texts: Record<string, string> | undefined;
  /** Milliseconds until the request may be repeated. */
  readonly wait: number;

  constructor(status: number, said: { error?: string; text?: Record<string, string> }, after: string | null) {
    this.status = status;
    this.code = said.error;
    this.texts = said.text;
    this.wait = (Number(after) || 0) * 1000;
  }

  /** Whether the session is not or no longer known. */
  get lost(): boolean {
    return this.status === 401;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export class Api {
  readonly #base: string;
  #stored: Stored | null = store.read();
  #renewing: Promise<void> | undefined;

  constructor(server: string) {
    this.#base = `${server}/webhooks/web`;
  }

  get stored(): Readonly<Stored> | null {
    return this.#stored;
  }

  /** Keep something beside the token; does nothing before there is one. */
  keep(changed: Partial<Stored>): void {
    if (this.#stored) store.write((this.#stored = { ...this.#stored, ...changed }));
  }

  /** Begin a session unless there is one. */
  async begin(language: Language, kept: Pick<Stored, "language" | "open">): Promise<void> {
    if (!this.#stored) await this.#take({ language }, { last: 0, ...kept });
  }

  /** Forget the session in this browser. */
  forget(): void {
    this.#stored = null;
    store.write(null);
  }

  /**
   * Make a request; a token that has expired is renewed first.
   *
   * Rejects with a Refusal when the server says no, with a TypeError when it cannot be reached.
   */
  async request(method: string, path: string, options: Options = {}): Promise<Response> {
    if (this.#stored && Date.now() > this.#stored.expires - BEFORE_EXPIRY) await this.#renew();
    try {
      return await this.#fetch(method, path, options);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "expired") throw error;
      await this.#renew();
      return this.#fetch(method, path, options);
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#take({}, {}).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** Get a token, a new one if there is none yet. */
  async #take(body: object, kept: Partial<Stored>): Promise<void> {
    const { token, expires_in } = await read<Token>(await this.#fetch("POST", "/session", { body }));
    store.write((this.#stored = { ...this.#stored!, ...kept, token, expires: Date.now() + expires_in * 1000 }));
  }

  async #fetch(method: string, path: string, { body, headers, signal }: Options): Promise<Response> {
    const token = this.#stored?.token;
    const response = await fetch(this.#base + path, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: JSON.stringify(body) ?? null,
      signal: signal ?? null,
      credentials: "omit",
      cache: "no-store",
      // A message is sent even if the visitor goes on to another page at that moment.
      keepalive: method === "POST",
    });
    if (response.ok) return response;
    throw new Refusal(response.status, (await response.json().catch(() => ({}))) as object, response.headers.get("Retry-After"));
  }
}
