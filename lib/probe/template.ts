import type { Json, Matcher } from '../config/plan.ts';
import type { Values } from './session.ts';

/** `{{name}}`, blanks inside allowed. Kept apart from the config's copy of the names: this one replaces. */
const reference = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g;
const whole = /^\{\{\s*([A-Za-z_][\w.]*)\s*\}\}$/;

/** A template names what is not set: the plan should have skipped the step, or a capture is missing. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

const lookUp = (name: string, values: Values): Json => {
  const value = values.get(name);
  if (value === undefined) throw new TemplateError(`{{${name}}} has no value`);
  return value;
};

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** @throws TemplateError for a name without a value. */
export const renderText = (template: string, values: Values): string =>
  template.replace(reference, (_, name: string) => asText(lookUp(name, values)));

/**
 * Renders a URL. A value that begins the URL is taken as it is (a base URL); any other is percent-encoded, so that a
 * captured `a/b?c` stays one path segment.
 */
export const renderUrl = (template: string, values: Values): string =>
  template.replace(reference, (_, name: string, offset: number) => {
    const text = asText(lookUp(name, values));
    return offset === 0 ? text : encodeURIComponent(text);
  });

/** Renders every string in a JSON value. A string that is one whole template takes the value's own type. */
export const renderJson = (json: Json, values: Values): Json => {
  if (typeof json === 'string') {
    const name = whole.exec(json)?.[1];
    return name === undefined ? renderText(json, values) : lookUp(name, values);
  }
  if (Array.isArray(json)) return json.map((item: Json) => renderJson(item, values));
  if (typeof json === 'object' && json !== null) {
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [renderText(key, values), renderJson(value, values)]),
    );
  }
  return json;
};

export const renderRecord = (record: Readonly<Record<string, string>>, values: Values): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, renderText(value, values)]));

/** Renders the values that a matcher compares with. A schema is taken as written: `{{` may be part of it. */
export const renderMatcher = (matcher: Matcher, values: Values): Matcher =>
  matcher.map((term) =>
    term.op === 'not'
      ? { op: 'not', matcher: renderMatcher(term.matcher, values) }
      : term.op === 'schema'
        ? term
        : { op: term.op, value: renderJson(term.value, values) },
  );
