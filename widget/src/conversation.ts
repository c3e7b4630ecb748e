/** The conversation: what was said, what is on its way, and whether there is a connection. */

import { Refusal, type Api } from "./api.ts";
import type { ServerEvent } from "./events.ts";
import { parse, plain, read } from "./json.ts";
import { Outbox, type Carrier, type Letter } from "./outbox.ts";
import { hurry } from "./retry.ts";
import { Stream, type Hearer } from "./stream.ts";
import type { History, Language, Message, Opinion } from "./types.ts";

/** An answer that comes sooner than this needs no sign that it is being written. */
const TYPING_AFTER = 400;
const TYPING_AT_MOST = 60_000;
/** A connection that is back sooner than this was never missed. */
const OFFLINE_AFTER = 1_000;

/** A line of the conversation: a message, with its letter if it was written here; or the note that a session ended. */
export interface Entry {
  message?: Message;
  letter?: Letter;
  opinion?: Opinion;
}

interface Listener {
  changed(): void;
  /** The assistant has said something. */
  answered(): void;
  /** The visitor has asked for a language in words. */
  chose(language: Language): void;
}

export class Conversation implements Hearer, Carrier {
  entries: Entry[] = [];
  online = true;
  /** Why the last thing that the visitor did was refused; null if the server gave no words for it. */
  refusal: Record<string, string> | null | undefined;
  /** The language that the visitor chose. */
  chosen: Language | null;
  #announce = false;
  #newest = 0;
  readonly #waiting = new Set<number>();
  readonly #finished = new Set<number>();
  #offline: ReturnType<typeof setTimeout> | undefined;
  readonly #api: Api;
  readonly #listener: Listener;
  readonly #stream: Stream;
  readonly #outbox: Outbox;

  constructor(api: Api, listener: Listener) {
    this.#api = api;
    this.#listener = listener;
    this.chosen = api.stored?.language ?? null;
    this.#stream = new Stream(this);
    this.#outbox = new Outbox(this);
    addEventListener("offline", () => this.#api.stored && this.connected(false));
    addEventListener("online", () => {
      // The old connection may be dead without having said so; opening another one shows whether there is one.
      hurry();
      if (!this.#offline) return;
      this.#stream.stop();
      this.#stream.start();
    });
  }

  /** Whether an answer is being written. */
  get typing(): boolean {
    return this.#waiting.size > 0;
  }

  /** Load what was said on the pages before, and listen from there. */
  async resume(): Promise<void> {
    if (!this.#api.stored) return;
    try {
      const history = await read<History>(await this.#api.request("GET", "/history"));
      history.messages.forEach((message) => this.#add(message, false));
      history.pending.forEach((id) => this.#wait(id));
      this.#listener.changed();
    } catch (error) {
      if (error instanceof Refusal && error.lost) return this.lost();
      // The stream brings everything from the start as soon as there is a connection.
    }
    this.#stream.start();
  }

  /** Listen for messages, if there is a session. */
  watch(): void {
    if (this.#api.stored) this.#stream.start();
  }

  /** Stop listening; nothing is lost, `watch` goes on where this stopped. */
  rest(): void {
    this.#stream.stop();
  }

  choose(language: Language): void {
    this.chosen = language;
    this.#announce = true;
    this.#api.keep({ language });
  }

  send(text: string, payload: string | undefined, language: Language): void {
    this.refusal = undefined;
    text = plain(text);
    const letter = this.#outbox.add(text, payload, language);
    const time = new Date().toISOString();
    this.entries.push({ letter, message: { id: 0, role: "user", time, language, text, in_reply_to: null } });
    this.#listener.changed();
  }

  async rate(entry: Entry, opinion: Opinion): Promise<void> {
    const before = entry.opinion ?? null;
    entry.opinion = opinion;
    this.#listener.changed();
    await this.#try(async () => {
      await this.#api.request("POST", "/feedback", { body: { message: entry.message?.id, value: opinion } });
    }, () => (entry.opinion = before));
  }

  /** Begin anew in the same session; resolves to whether it worked. */
  restart(): Promise<boolean> {
    return this.#try(async () => {
      if (this.#api.stored) {
        const { after } = await read<{ after: number }>(await this.#api.request("POST", "/restart", { body: {} }));
        this.#newest = Math.max(this.#newest, after);
      }
      this.#clear();
    });
  }

  /** Delete everything, here and on the server; resolves to whether it worked. */
  erase(): Promise<boolean> {
    return this.#try(async () => {
      if (this.#api.stored) {
        await this.#api.request("DELETE", "/session").catch((error: unknown) => {
          if (!(error instanceof Refusal && error.lost)) throw error;
        });
      }
      this.#stream.stop();
      this.#api.forget();
      this.#newest = 0;
      this.#clear();
    });
  }

  #clear(): void {
    this.#outbox.clear();
    this.#waiting.clear();
    this.entries = [];
  }

  async #try(act: () => Promise<void>, undo?: () => void): Promise<boolean> {
    this.refusal = undefined;
    try {
      await act();
      return true;
    } catch (error) {
      this.refusal = (error instanceof Refusal && error.texts) || null;
      undo?.();
      return false;
    } finally {
      this.#listener.changed();
    }
  }

  changed(refusal?: Refusal): void {
    if (refusal) this.refusal = refusal.texts ?? null;
    this.#listener.changed();
  }

  async deliver(letter: Letter): Promise<number> {
    try {
      return await this.#post(letter);
    } catch (error) {
      if (!(error instanceof Refusal && error.lost)) throw error;
      this.lost(letter);
      return this.#post(letter);
    }
  }

  async #post(letter: Letter): Promise<number> {
    await this.#api.begin(letter.language, { language: this.chosen, open: true });
    const { language, text, payload } = letter;
    const body = { language, chosen: this.#announce, ...(payload === undefined ? { text } : { payload }) };
    const headers = { "Idempotency-Key": letter.key };
    const { id } = await read<{ id: number }>(await this.#api.request("POST", "/messages", { body, headers }));
    this.#announce = false;
    this.refusal = undefined;
    this.#wait(id);
    this.#stream.start();
    return id;
  }

  /** The session is gone: what is shown stays, and the next message begins another one. */
  lost(kept?: Letter): void {
    this.#stream.stop();
    this.#api.forget();
    this.#newest = 0;
    this.#waiting.clear();
    this.#finished.clear();
    const at = this.entries.findIndex(({ letter }) => letter && letter === kept);
    this.entries.splice(at < 0 ? this.entries.length : at, 0, {});
    // Numbers of the old session mean nothing in the new one.
    for (const { message } of this.entries) if (message) message.id = 0;
    this.#listener.changed();
  }

  connect(signal: AbortSignal): Promise<Response> {
    const from = this.#newest ? { "Last-Event-ID": `${this.#newest}` } : undefined;
    return this.#api.request("GET", "/events", { headers: { Accept: "text/event-stream", ...from }, signal });
  }

  receive(event: ServerEvent): void {
    let data: Message | null = null;
    try {
      data = parse(event.data);
    } catch {
      // A proxy has made something else of it.
    }
    if (!data) return;
    if (event.type === "message" && data.id > 0) this.#add(data);
    else if (event.type === "typing") this.#wait(data.in_reply_to!);
    else if (event.type === "done") this.#finish(data.in_reply_to!);
    this.#listener.changed();
  }

  #add(message: Message, live = true): void {
    // Only what came this way moves the mark: a letter's number may be ahead of answers that are still to come.
    this.#newest = Math.max(this.#newest, message.id);
    this.#api.keep({ last: this.#newest });
    if (message.in_reply_to) this.#finish(message.in_reply_to);
    if (this.entries.some((entry) => (entry.letter?.id ?? entry.message?.id) === message.id)) return;
    const mine = this.entries.find(({ letter }) => letter && !letter.id && [letter.text, letter.payload].includes(message.text));
    if (message.role === "user" && mine) {
      // It has arrived although its confirmation was lost; sending it again under the same key does no harm.
      mine.letter!.id = message.id;
      return;
    }
    // What is still on its way comes after it.
    const at = this.entries.findIndex(({ letter }) => letter && !letter.id && letter.state !== "failed");
    this.entries.splice(at < 0 ? this.entries.length : at, 0, { message });
    if (message.role === "bot") this.#listener.answered();
    // What was asked for on the pages before is kept already, or was changed by a button since.
    if (live && message.chosen) this.#chose(message.language as Language);
  }

  /** The server goes on in this language already: it need not be told, as it is of a button. */
  #chose(language: Language): void {
    this.chosen = language;
    this.#announce = false;
    this.#api.keep({ language });
    this.#listener.chose(language);
  }

  #wait(id: number): void {
    setTimeout(() => {
      if (this.#finished.has(id)) return;
      this.#waiting.add(id);
      setTimeout(() => this.#finish(id), TYPING_AT_MOST);
      this.#listener.changed();
    }, TYPING_AFTER);
  }

  #finish(id: number): void {
    this.#finished.add(id);
    if (this.#waiting.delete(id)) this.#listener.changed();
  }

  connected(yes: boolean): void {
    if (yes) {
      clearTimeout(this.#offline);
      this.#offline = undefined;
      this.online = true;
    } else {
      this.#offline ??= setTimeout(() => {
        this.online = false;
        this.#listener.changed();
      }, OFFLINE_AFTER);
    }
    this.#listener.changed();
  }
}
