import { createHash } from 'node:crypto';
import { type Content, html, trusted } from './markup.ts';
import { STYLE } from './style.ts';

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22 fill=%22none%22 stroke=%22%233b82c4%22 stroke-width=%223%22%3E%3Ccircle cx=%2216%22 cy=%2216%22 r=%2210%22/%3E%3Cpath d=%22M1 16h30%22/%3E%3C/svg%3E';

/** The style sheet by its hash, images from data, and nothing else: what a target planted in a text can load nothing. */
function policy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** A whole page around its content: one file, light and dark. `style` adds to the report's own sheet. */
export function shell(page: {
  readonly title: string;
  readonly main: Content;
  readonly footer: string;
  readonly style?: string;
}): string {
  const style = STYLE + (page.style ?? '');
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${page.title} (Plimsoll)</title><link rel="icon" href="${trusted(ICON)}">
<style>${trusted(style)}</style></head><body><main>
${page.main}
</main><footer><p>${page.footer}. One file, no scripts, nothing loaded from elsewhere.</p></footer></body></html>
`.markup;
}
