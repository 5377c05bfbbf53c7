import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import type { HttpAuth, HttpBody, HttpRequestPlan, RequestStep, StepCommon, TlsPlan } from '../plan.ts';
import type { RequestInput, RequestStepInput, StepCommonInput } from '../schema/config.ts';
import { hasTemplate } from '../templates.ts';
import { compileCaptures } from './capture.ts';
import { compileExpectation, expectsNothing } from './expectation.ts';
import { given, readDuration, readHeaders, readSize, readThresholds, textTable } from './values.ts';

const bodyKinds = ['json', 'form', 'text', 'multipart'] as const;

const readBody = (input: RequestInput, place: Place): HttpBody | undefined => {
  const kinds = bodyKinds.filter((kind) => input[kind] !== undefined);
  for (const kind of kinds.slice(1)) {
    place.at(kind).refuse(`a request has one body: it has ${kinds.join(' and ')}`, { remedy: 'keep one of them' });
  }
  const [kind] = kinds;
  if (kind && ['HEAD', 'TRACE'].includes(input.method ?? '')) {
    place.at(kind).refuse(`a ${input.method} request has no body`, { remedy: 'remove it, or use another method' });
  }
  if (input.json !== undefined) return { kind: 'json', json: input.json };
  if (input.form !== undefined) return { kind: 'form', fields: textTable(input.form) };
  if (input.text !== undefined) return { kind: 'text', text: input.text };
  if (input.multipart === undefined) return undefined;
  return {
    kind: 'multipart',
    parts: input.multipart.map(({ name, value, filename, contentType }) => ({
      name,
      value,
      ...given('filename', filename),
      ...given('contentType', contentType),
    })),
  };
};

const readAuth = (input: RequestInput, place: Place): HttpAuth | undefined => {
  if (input.auth === undefined) return undefined;
  const own = Object.keys(input.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  if (own !== undefined) {
    place.at('auth').refuse('an authorization header is written too', { remedy: `remove auth, or headers.${own}` });
  }
  return 'basic' in input.auth
    ? { kind: 'basic', username: input.auth.basic.username, password: input.auth.basic.password }
    : { kind: 'bearer', token: input.auth.bearer };
};

export const readTls = (input: RequestInput['tls'], place: Place): TlsPlan => {
  const ca = input?.ca;
  if (ca !== undefined && !hasTemplate(ca) && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    const remedy =
      "write the certificate itself (it begins with '-----BEGIN CERTIFICATE-----'), or a variable such as {{ca}}";
    place.at('ca').refuse('is no PEM certificate', { got: ca, remedy });
  }
  return { verify: input?.verify ?? true, ...given('ca', ca), ...given('serverName', input?.serverName) };
};

/** A URL that begins with a template can only be checked when it is filled in. */
export const checkUrl = (url: string, place: Place, schemes: readonly string[]): void => {
  if (/^\s*\{\{/.test(url)) return;
  const examples = schemes.map((scheme) => `${scheme}://`).join(' or ');
  const remedy = `write a URL that begins with ${examples}, or a variable such as {{baseUrl}}`;
  const plain = url.replace(/\{\{[^{}]*\}\}/g, '1');
  if (!URL.canParse(plain)) place.refuse('is not a URL', { got: url, remedy });
  else if (!schemes.includes(new URL(plain).protocol.slice(0, -1))) {
    place.refuse(`must be ${schemes.join(' or ')}`, { got: url, remedy });
  }
};

const redirects = (input: boolean | number | undefined): number => (input === true ? 5 : Number(input ?? 0));

export const compileRequest = (input: RequestInput, place: Place): HttpRequestPlan => {
  checkUrl(input.url, place.at('url'), ['http', 'https']);
  return {
    method: input.method ?? 'GET',
    url: input.url,
    headers: readHeaders(input.headers, place.at('headers')),
    query: textTable(input.query),
    ...given('body', readBody(input, place)),
    ...given('auth', readAuth(input, place)),
    maxRedirects: redirects(input.followRedirects),
    cookies: input.cookies ?? true,
    tls: readTls(input.tls, place.at('tls')),
    maxBodyBytes: readSize(input.maxBody, place.at('maxBody')) ?? 10 * 1024 ** 2,
  };
};

export type StepDefaults = { readonly name: string; readonly timeoutMs: number; readonly deadlineMs: number };

const compileUntil = (step: RequestStepInput, place: Place, { deadlineMs }: StepDefaults): RequestStep['until'] => {
  if (step.until === undefined) return undefined;
  const { every, within, ...expectation } = step.until;
  const expect = compileExpectation(expectation, place);
  if (expectsNothing(expect) && place.isWhole(step.until)) {
    place.refuse('waits for nothing', {
      remedy: "say what to wait for, such as { json: { '$.status': 'done' }, within: '30s' }",
    });
  }
  const everyMs = readDuration(every, place.at('every'), { min: 10 }) ?? 250;
  const withinMs = readDuration(within, place.at('within')) ?? Math.min(30_000, deadlineMs);
  if (within !== undefined && withinMs > deadlineMs) {
    const remedy = `raise the probe's deadline, which is ${formatDurationMs(deadlineMs)}`;
    place.at('within').refuse('is longer than the deadline of the run', { got: within, remedy });
  }
  if (every !== undefined && everyMs > withinMs) {
    place.at('every').refuse('is longer than `within`: it would ask once', { got: every, remedy: 'poll more often' });
  }
  return { expect, everyMs, withinMs };
};

/** What every step may say of itself. */
export const compileCommon = (step: StepCommonInput, place: Place, defaults: StepDefaults): StepCommon => {
  const timeoutMs = readDuration(step.timeout, place.at('timeout'));
  if (timeoutMs !== undefined && timeoutMs > defaults.deadlineMs) {
    const remedy = `lower it, or raise the probe's deadline, which is ${formatDurationMs(defaults.deadlineMs)}`;
    place.at('timeout').refuse('is longer than the deadline of the run', { got: step.timeout, remedy });
  }
  if (step.name !== undefined && step.name.trim() === '')
    place.at('name').refuse('is empty', { remedy: 'leave it out, or write one' });
  if (step.mark !== undefined && step.mark.trim() === '')
    place.at('mark').refuse('is empty', { remedy: 'leave it out, or write a name' });
  return {
    name: step.name?.trim() || defaults.name,
    timeoutMs: timeoutMs ?? defaults.timeoutMs,
    thresholds: readThresholds(step.thresholds, place.at('thresholds')),
    ...given('mark', step.mark),
  };
};

export const compileRequestStep = (step: RequestStepInput, place: Place, defaults: StepDefaults): RequestStep => ({
  type: 'request',
  ...compileCommon(step, place, defaults),
  request: compileRequest(step.request, place.at('request')),
  expect: compileExpectation(step.expect, place.at('expect')),
  capture: compileCaptures(step.capture, place.at('capture')),
  ...given('until', compileUntil(step, place.at('until'), defaults)),
});
