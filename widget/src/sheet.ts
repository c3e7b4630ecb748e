/** Style sheets that a strict content security policy allows: built by script, without a style element. */

/** Add a style sheet to a shadow root. */
export function adopt(root: ShadowRoot, css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
