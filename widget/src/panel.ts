/** The panel: puts the view together, holds the focus, and listens while it is open. */

import { html, nothing, render, type TemplateResult } from "lit/html.js";

import { Api } from "./api.ts";
import { Composer } from "./composer.ts";
import { Conversation } from "./conversation.ts";
import { greeting } from "./greeting.ts";
import { header, type Command } from "./header.ts";
import type { Chat, Host } from "./host.ts";
import { chips, messageView } from "./message-view.ts";
import css from "./panel.css";
import { hurry } from "./retry.ts";
import { adopt } from "./sheet.ts";
import { load, type Texts } from "./texts.ts";
import { download, transcript } from "./transcript.ts";
import type { Language } from "./types.ts";

/** A closed panel listens so long for answers that are still to come. */
const LISTEN_CLOSED = 3 * 60_000;
/** Here the panel covers the page, which then must not be reached: a phone, or a page at 400 %. */
const COVERING = matchMedia("(max-width: 480px), (max-height: 420px)");

/** Load the texts and put the closed panel into the host. */
export async function create(host: Host): Promise<Chat> {
  const api = new Api(host.server);
  return new Panel(host, api, await load(host.server, api.stored?.language ?? host.language()));
}

class Panel implements Chat {
  readonly #host: Host;
  readonly #api: Api;
  readonly #place = document.createElement("div");
  readonly #conversation: Conversation;
  readonly #composer: Composer;
  #texts: Texts;
  #opened = false;
  #menu = false;
  #confirming = false;
  #status = "";
  #unread = 0;
  #shown = "";
  #resumed: Promise<void> | undefined;
  #leave: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, api: Api, texts: Texts) {
    [this.#host, this.#api, this.#texts] = [host, api, texts];
    const changed = (): void => this.#draw();
    this.#conversation = new Conversation(api, {
      changed,
      answered: () => this.#answered(),
      chose: (language) => void this.#speak(language),
    });
    this.#composer = new Composer({ changed, send: (text) => this.#send(text), say: (text) => this.#say(text) });
    adopt(host.root, css);
    host.root.append(this.#place);
    this.#draw();
    this.#dialog.addEventListener("close", () => this.#opened && !this.#dialog.open && host.close());
    COVERING.addEventListener("change", () => this.#opened && this.#lay());
    visualViewport?.addEventListener("resize", () => this.#fit());
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  open(focus: boolean): void {
    this.#opened = true;
    this.#unread = 0;
    this.#api.keep({ open: true });
    clearTimeout(this.#leave);
    this.#leave = undefined;
    this.#lay();
    if (focus) (COVERING.matches ? this.#find("h2") : this.#area).focus();
    this.#scroll();
    this.#resumed ??= this.#conversation.resume();
    this.#conversation.watch();
  }

  close(): void {
    this.#opened = this.#menu = this.#confirming = false;
    this.#status = "";
    this.#api.keep({ open: false });
    this.#dialog.close();
    this.#draw();
    this.#leave = setTimeout(() => {
      this.#leave = undefined;
      this.#conversation.rest();
    }, LISTEN_CLOSED);
  }

  follow(): void {
    if (!this.#conversation.chosen) void this.#speak(this.#host.language());
  }

  get #dialog(): HTMLDialogElement {
    return this.#find("dialog");
  }

  get #area(): HTMLTextAreaElement {
    return this.#find("textarea");
  }

  #find<T extends HTMLElement>(selector: string): T {
    return this.#place.querySelector<T>(selector)!;
  }

  /** Show the dialog, covering the page or beside it; the focus stays where it was. */
  #lay(): void {
    const dialog = this.#dialog;
    const focused = this.#host.root.activeElement as HTMLElement | null;
    if (dialog.open) dialog.close();
    if (COVERING.matches) dialog.showModal();
    else dialog.setAttribute("open", ""); // show() would take the focus
    dialog.classList.toggle("covering", COVERING.matches);
    if (focused && dialog.contains(focused)) focused.focus();
    this.#fit();
  }

  /** Leave room for a phone's keyboard, which covers the page instead of making it smaller. */
  #fit(): void {
    this.#dialog.style.height = COVERING.matches && visualViewport ? `${visualViewport.height}px` : "";
  }

  #seen(): void {
    if (document.hidden) this.#conversation.rest();
    else if (this.#opened || this.#leave) this.#conversation.watch();
  }

  #answered(): void {
    if (!this.#opened) this.#host.unread((this.#unread += 1));
  }

  #say(text: string): void {
    this.#status = text;
    this.#draw();
  }

  async #speak(language: Language): Promise<void> {
    try {
      this.#texts = await load(this.#host.server, language);
    } catch {
      this.#conversation.refusal = null;
    }
    this.#draw();
  }

  #send(text: string, payload?: string): void {
    this.#status = "";
    this.#conversation.send(text, payload, this.#texts.lang);
  }

  /** Send what was tapped; the button goes away, so the focus needs another place. */
  #tap(text: string, payload?: string): void {
    this.#send(text, payload);
    (COVERING.matches ? this.#find("[role=log]") : this.#area).focus();
  }

  async #run(command: Command): Promise<void> {
    this.#toggle();
    const { entries } = this.#conversation;
    if (command === "delete") {
      this.#confirming = true;
      this.#draw();
      this.#find(".confirm button").focus();
    } else if (command === "restart") {
      if (await this.#conversation.restart()) this.#status = this.#texts.restarted;
    } else if (command === "download") {
      download(transcript(entries, this.#texts));
    } else {
      const copied = await navigator.clipboard?.writeText(transcript(entries, this.#texts)).then(() => true, () => false);
      this.#status = copied ? this.#texts.copied : this.#texts.not_copied;
    }
    this.#draw();
  }

  async #confirm(yes: boolean): Promise<void> {
    this.#confirming = false;
    this.#draw();
    this.#find(".more").focus();
    if (yes && (await this.#conversation.erase())) this.#status = this.#texts.deleted;
    this.#draw();
  }

  readonly #toggle = (): void => {
    this.#menu = !this.#menu;
    this.#status = "";
    this.#draw();
    this.#find(this.#menu ? "#menu button" : ".more").focus();
  };

  readonly #press = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#menu) this.#toggle();
    else if (this.#confirming) void this.#confirm(false);
    else this.#host.close();
  };

  #draw(): void {
    render(this.#view(), this.#place);
    const { entries, online, typing } = this.#conversation;
    const shown = `${entries.length} ${online} ${typing}`;
    if (shown !== this.#shown) this.#scroll();
    this.#shown = shown;
  }

  /** Show the newest, but never more of it than leaves the visitor's own last message in sight. */
  #scroll(): void {
    const log = this.#find("[role=log]");
    const mine = [...log.querySelectorAll<HTMLElement>("li.mine")].pop();
    const end = log.scrollHeight - log.clientHeight;
    log.scrollTop = mine ? Math.min(end, mine.offsetTop - 12) : this.#conversation.entries.length && end;
  }

  #view(): TemplateResult {
    const texts = this.#texts;
    const { entries, typing } = this.#conversation;
    const actions = {
      reply: ({ title, payload }: { title: string; payload: string }) => this.#tap(title, payload),
      rate: this.#conversation.rate.bind(this.#conversation),
    };
    return html`<dialog role="dialog" lang=${texts.lang} aria-labelledby="title" @keydown=${this.#press}
      @cancel=${(event: Event) => event.preventDefault()}>
      ${header(texts, this.#menu, {
        choose: (language) => {
          this.#conversation.choose(language);
          void this.#speak(language);
        },
        toggle: this.#toggle,
        run: (command) => void this.#run(command),
        close: () => this.#host.close(),
      })}
      ${this.#confirming ? this.#question() : nothing}
      <div class="log" role="log" aria-live="polite" aria-label=${texts.log} tabindex="0">
        <ol role="list">
          ${greeting(texts)}
          ${entries.map((entry, index) => messageView(entry, index === entries.length - 1, texts, actions))}
        </ol>
        ${entries.length ? nothing : chips(texts.starters, texts.starters_label, (index) => this.#tap(texts.starters[index]!))}
        ${typing ? html`<div class="typing" aria-hidden="true"><i></i><i></i><i></i></div>` : nothing}
      </div>
      <div role="alert" class="bar alarm">${this.#trouble()}</div>
      <div role="status" class=${this.#status ? "bar" : "sr"}>${this.#status || (typing ? texts.typing : nothing)}</div>
      ${this.#composer.view(texts)}
    </dialog>`;
  }

  #question(): TemplateResult {
    const texts = this.#texts;
    return html`<div class="bar confirm" role="group" aria-labelledby="ask">
      <p id="ask">${texts.delete_ask}</p>
      <button @click=${() => this.#confirm(false)}>${texts.cancel}</button>
      <button class="alarm" @click=${() => this.#confirm(true)}>${texts.delete_yes}</button>
    </div>`;
  }

  #trouble(): unknown {
    const { online, refusal } = this.#conversation;
    const texts = this.#texts;
    if (!online) {
      return html`<p>${texts.offline}</p>
        <button @click=${hurry}>${texts.retry}</button>`;
    }
    return refusal === undefined ? nothing : html`<p>${refusal?.[texts.lang] ?? texts.error}</p>`;
  }
}
