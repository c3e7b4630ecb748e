/** Requests to the web channel under the visitor's session. */

import { read, write, type Stored } from "./store.ts";
import type { Token } from "./types.ts";

/** The server has refused a request; `texts` says why in each language where there is something to say. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly texts: Record<string, string> | undefined;
  /** Seconds until the request may be repeated. */
  readonly wait: number;

  constructor(status: number, code: string, texts: Record<string, string> | undefined, wait: number) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.texts = texts;
    this.wait = wait;
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
  #stored: Stored | null = read();
  #renewAt = Infinity;
  #renewing: Promise<void> | undefined;

  constructor(server: string) {
    this.#base = `${server}/webhooks/web`;
    // How long an older page's token is still good for renewing is not kept: renew it in its last ten minutes.
    if (this.#stored) this.#renewAt = this.#stored.expires - 600_000;
  }

  get stored(): Readonly<Stored> | null {
    return this.#stored;
  }

  /** Keep something beside the token; does nothing before there is one. */
  keep(changed: Partial<Stored>): void {
    if (this.#stored) write((this.#stored = { ...this.#stored, ...changed }));
  }

  /** Begin a session unless there is one. */
  async begin(language: string, kept: Pick<Stored, "language" | "open">): Promise<void> {
    if (this.#stored) return;
    this.#take((await (await this.#fetch("POST", "/session", { body: { language } })).json()) as Token, { last: 0, ...kept });
  }

  /** Forget the session in this browser. */
  forget(): void {
    this.#stored = null;
    write(null);
  }

  /**
   * Make a request; a token that has expired is renewed first.
   *
   * Rejects with a Refusal when the server says no, with a TypeError when it cannot be reached.
   */
  async request(method: string, path: string, options: Options = {}): Promise<Response> {
    const token = this.#stored?.token;
    if (Date.now() > this.#renewAt) await this.#renew();
    try {
      return await this.#fetch(method, path, options);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "expired") throw error;
      if (token === this.#stored?.token) await this.#renew();
      return this.#fetch(method, path, options);
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#fetch("POST", "/session", { body: {} })
      .then(async (response) => this.#take((await response.json()) as Token, this.#stored ?? undefined))
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  #take(token: Token, kept: Pick<Stored, "last" | "language" | "open"> | undefined): void {
    const now = Date.now();
    const { last = 0, language = null, open = true } = kept ?? {};
    this.#renewAt = now + token.renew_after * 1000;
    write((this.#stored = { token: token.token, expires: now + token.expires_in * 1000, last, language, open }));
  }

  async #fetch(method: string, path: string, { body, headers, signal }: Options): Promise<Response> {
    const response = await fetch(this.#base + path, {
      method,
      headers: {
        ...(this.#stored && { Authorization: `Bearer ${this.#stored.token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      credentials: "omit",
      cache: "no-store",
      // A message is sent even if the visitor goes on to another page at that moment.
      keepalive: method === "POST",
    });
    if (response.ok) return response;
    const said = (await response.json().catch(() => ({}))) as { error?: string; text?: Record<string, string> };
    throw new Refusal(response.status, said.error ?? "", said.text, Number(response.headers.get("Retry-After")) || 0);
  }
}
