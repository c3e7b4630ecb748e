/** What the wire format of the web channel carries (docs/web-channel.md). */

export type Language = "de" | "en" | "zh";

export interface Button {
  title: string;
  payload: string;
}

export interface Card {
  uid: string;
  title: string;
  language: string;
  when: string;
  place: string;
  city: string;
  status: "scheduled" | "cancelled" | "postponed";
  label: string;
  free_label: string;
  url: string;
  calendar: string;
}

export interface Source {
  title: string;
  quote: string;
}

export interface Message {
  id: number;
  role: "user" | "bot";
  time: string;
  language: string;
  text: string;
  lead?: string;
  tail?: string;
  /** The visitor has asked for this answer's language, in words. */
  chosen?: boolean;
  in_reply_to: number | null;
  buttons?: Button[];
  cards?: Card[];
  sources?: Source[];
}

export interface History {
  messages: Message[];
  pending: number[];
}

export interface Token {
  token: string;
  expires_in: number;
  renew_after: number;
}

export type Opinion = "up" | "down" | null;
