import { plain } from './plain.ts';

/**
 * Text for XML 1.0, in an element or in an attribute. XML forbids most control codes even as references, so `plain` spells
 * them out; `>` is always a reference, so that `]]>` cannot appear; tabs and line ends are references, because a parser
 * turns them into spaces in attributes.
 */
export function escapeXml(text: string): string {
  return plain(text).replace(/[&<>"'\t\n]/g, (character) => REFERENCES[character] ?? character);
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
};

export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (XmlElement | string)[];
};

/** Names of elements and attributes are ours; texts and values may be anything. */
export function element(
  name: string,
  attributes: XmlElement['attributes'],
  children: XmlElement['children'] = [],
): XmlElement {
  return { name, attributes, children };
}

/** The element with its declaration, indented by two spaces, with a line feed at its end. */
export function renderXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderElement(root, '')}`;
}

function renderElement({ name, attributes, children }: XmlElement, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const open = `${indent}<${name}${given.join('')}`;
  if (children.length === 0) return `${open}/>\n`;
  const elements = children.filter((child) => typeof child !== 'string');
  // Text keeps its white space, so it stands between its tags alone.
  if (elements.length < children.length) return `${open}>${children.map(renderText).join('')}</${name}>\n`;
  return `${open}>\n${elements.map((child) => renderElement(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

function renderText(child: XmlElement | string): string {
  return typeof child === 'string' ? escapeXml(child) : renderElement(child, '').trimEnd();
}
