import { plain } from '../plain.ts';

/** Text that is HTML already. Only `html` makes it, so nothing reaches a page without having been escaped once. */
export type Markup = { readonly markup: string };

export type Content = Markup | string | number | null | readonly Content[];

/** HTML from a template: what is interpolated is escaped for elements and for double-quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return {
    markup: strings.map((text, index) => text + (index < values.length ? render(values[index] ?? null) : '')).join(''),
  };
}

function render(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  if ('markup' in content) return content.markup;
  return content.map(render).join('');
}

function escapeHtml(text: string): string {
  return plain(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A style sheet of ours, which no escape may touch. */
export function trusted(css: string): Markup {
  return { markup: css };
}

/** A link where the address is one of the web; else the text alone, for `javascript:` is an address too. */
export function link(address: string): Markup {
  if (!/^https?:\/\//i.test(address)) return html`<span>${address}</span>`;
  return html`<a href="${address}" rel="noopener noreferrer">${address}</a>`;
}

/** A column of figures, which stand at the right. */
export type Head = string | { readonly figures: string };

export function figureHeads(names: readonly string[]): readonly Head[] {
  return names.map((figures) => ({ figures }));
}

/** A table in a box of its own, which scrolls where the page may not. */
export function table(label: string, heads: readonly Head[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${heads.map(headCell)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function headCell(head: Head): Markup {
  return typeof head === 'string'
    ? html`<th scope="col">${head}</th>`
    : html`<th scope="col" class="n">${head.figures}</th>`;
}
