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
