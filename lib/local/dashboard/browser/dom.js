/**
 * An element from names and texts. A text is only ever a text node, so nothing that a target sent is read as markup;
 * attributes are set one by one, and none of them is a style or a handler.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string | boolean>>} [attributes] `true` sets it empty, `false` leaves it out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/**
 * An icon of the page's templates.
 *
 * @param {`outcome-${string}` | `state-${string}`} name
 * @returns {Node}
 */
export function icon(name) {
  const template = document.getElementById(name);
  return template instanceof HTMLTemplateElement ? template.content.cloneNode(true) : document.createTextNode('');
}

/** @param {string} outcome */
export function outcomePill(outcome) {
  return el('span', { class: `pill is-${outcome}` }, icon(`outcome-${outcome}`), outcome);
}

/**
 * Sets a text where it differs: a live region that is written anew is read out anew.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Brings the children of `parent` in line with `items`: those that stay are kept, with their focus and their state.
 *
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, create: (item: Item) => HTMLElement, update: (element: HTMLElement, item: Item) => void }} how
 */
export function reconcile(parent, items, { key, create, update }) {
  /** @type {Map<string, HTMLElement>} */
  const known = new Map();
  for (const child of parent.children) if (child instanceof HTMLElement) known.set(child.dataset.key ?? '', child);
  /** @type {Element | null} */
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const kept = known.get(name);
    const element = kept ?? create(item);
    known.delete(name);
    element.dataset.key = name;
    changed(element, item, update);
    if (element === next) next = element.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  for (const gone of known.values()) gone.remove();
}

/** What each element shows, to leave alone what has not changed. @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * @template Item
 * @param {HTMLElement} element
 * @param {Item} item
 * @param {(element: HTMLElement, item: Item) => void} update
 */
function changed(element, item, update) {
  // Times of today are shown without their day, and of yesterday with it.
  const now = `${new Date().toDateString()} ${JSON.stringify(item)}`;
  if (shown.get(element) === now) return;
  shown.set(element, now);
  update(element, item);
}

/**
 * A table in a box of its own, which scrolls where the page may not.
 *
 * @param {string} label
 * @param {readonly string[]} heads those that start with `#` head figures, which stand at the right
 * @param {readonly HTMLTableRowElement[]} rows
 */
export function table(label, heads, rows) {
  const cells = heads.map((head) =>
    head.startsWith('#') ? el('th', { scope: 'col', class: 'n' }, head.slice(1)) : el('th', { scope: 'col' }, head),
  );
  return el(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': label, tabindex: '0' },
    el('table', {}, el('thead', {}, el('tr', {}, ...cells)), el('tbody', {}, ...rows)),
  );
}

/**
 * @param {string} text
 * @param {string} [kind]
 */
export function cell(text, kind = '') {
  return el('td', kind === '' ? {} : { class: kind }, text);
}
