import type { Json } from './plan.ts';

/** What may stand between the braces of `{{name}}`, and so what a variable or a capture may be called. */
export const namePattern = /^[A-Za-z_][\w.]*$/;

/** What an operation of a JSON dialect is asked for: names that its words alone may use. */
export const operands: readonly string[] = ['op.stream', 'op.cursor', 'op.payload', 'op.id'];

const reference = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g;
const braces = /\{\{((?:(?!\{\{|\}\}).)*)\}\}/gs;

const namesInText = (text: string, names: Set<string>): void => {
  if (!text.includes('{{')) return;
  for (const match of text.matchAll(reference)) if (match[1] !== undefined) names.add(match[1]);
};

const collect = (value: unknown, names: Set<string>): void => {
  if (typeof value === 'string') namesInText(value, names);
  else if (Array.isArray(value)) for (const item of value) collect(item, names);
  else if (typeof value === 'object' && value !== null) {
    // A schema in a matcher is taken as written, never rendered.
    if ('op' in value && value.op === 'schema') return;
    for (const [key, item] of Object.entries(value)) {
      namesInText(key, names);
      collect(item, names);
    }
  }
};

/** Names that `{{name}}` templates refer to, in keys and in values, each once, in the order of the text. */
export const templateNames = (value: unknown): string[] => {
  const names = new Set<string>();
  collect(value, names);
  return [...names];
};

export const hasTemplate = (text: string): boolean => text.includes('{{') && text.search(reference) >= 0;

/** Braces around something that no variable can be called: `{{base-url}}`, `{{}}`. */
export const malformedTemplates = (text: string): string[] =>
  text.includes('{{')
    ? [...text.matchAll(braces)].filter((match) => !namePattern.test((match[1] ?? '').trim())).map((match) => match[0])
    : [];

/** Replaces the templates that `values` knows and leaves the others standing. */
export const fillTemplate = (text: string, values: ReadonlyMap<string, Json>): string =>
  text.replace(reference, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined ? whole : typeof value === 'string' ? value : JSON.stringify(value);
  });
