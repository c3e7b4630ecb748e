/** Which addresses may become links. */

/** Return the address if it is http or https, else nothing: never `javascript:`, `data:` or one relative to the page. */
export function safeUrl(address: string): string | undefined {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) && !url.username ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Remove what turns the order of letters or hides between them: bidi and other control characters. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "");
}
