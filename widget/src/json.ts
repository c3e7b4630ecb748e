/** JSON from the server. Whatever it says, no text of it turns or hides letters. */

/** Remove what turns the order of letters or hides between them: bidi and other control characters. */
export function plain(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "");
}

/** Return the value of a JSON text, with plain texts in it; throws a SyntaxError. */
export function parse<T>(text: string): T {
  return JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? plain(value) : value)) as T;
}

/** Return what a response carries. */
export async function read<T>(response: Response): Promise<T> {
  return parse(await response.text());
}
