import { z } from 'zod';
import { cookieMatcher, jsonMatcher, matcher } from './matcher.ts';
import { byKey, duration, json, object, size, text, textTable } from './shape.ts';

const multipartPart = object('a part of a multipart body', {
  name: text(),
  value: text(),
  filename: text().optional(),
  contentType: text().optional(),
});

const basicAuth = object('basic authentication', {
  basic: object('basic authentication', { username: text(), password: text() }),
});
const bearerAuth = object('bearer authentication', { bearer: text() });

export const tls = object('tls', {
  verify: z.boolean().optional().describe('false trusts any certificate; default true'),
  ca: text().optional().describe("PEM certificates trusted beside the system's"),
  serverName: text().optional().describe("name to ask for and to verify; default the URL's host"),
});

export const request = object('a request', {
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])
    .optional()
    .describe('default GET'),
  url: text().describe('http or https; templates such as {{baseUrl}} are filled in'),
  headers: textTable().optional(),
  query: textTable().optional().describe('added to the url, encoded'),
  json: json().optional().describe('body as JSON; one body kind at most'),
  form: textTable().optional().describe('body as application/x-www-form-urlencoded'),
  text: text().optional().describe('body as it is'),
  multipart: z.array(multipartPart).min(1).optional().describe('body as multipart/form-data'),
  auth: z.union([basicAuth, bearerAuth], byKey('auth', ['basic', 'bearer'])).optional(),
  followRedirects: z
    .union([z.boolean(), z.int().min(0).max(20)], {
      error: () => 'write true (5 at most), false, or how many, 0 to 20',
    })
    .optional()
    .describe('redirects to follow: a number, or true for 5; default 0'),
  cookies: z.boolean().optional().describe('keep cookies between the steps of a pass; default true'),
  tls: tls.optional(),
  maxBody: size().optional().describe('bytes of body to read before the step fails; default 10mb'),
});

const expectationShape = {
  status: matcher().optional().describe('200, or { oneOf: [200, 204] }'),
  header: z.record(z.string(), matcher()).optional().describe('by header name'),
  cookie: z.record(z.string(), cookieMatcher()).optional().describe('by cookie name'),
  body: matcher().optional().describe('the body as text'),
  json: z.record(z.string(), jsonMatcher()).optional().describe('by JSONPath (RFC 9535) into the body'),
  latency: matcher().optional().describe("such as { lt: '500ms' }"),
  tls: object('the expectation on tls', {
    version: matcher().optional().describe('such as TLSv1.3'),
    daysLeft: matcher().optional().describe('days until the certificate expires, such as { gte: 14 }'),
  }).optional(),
};

export const httpExpectation = object('an expectation', expectationShape);

const until = object('until', {
  ...expectationShape,
  every: duration().optional().describe('time between two polls; default 250ms'),
  within: duration().optional().describe('time limit of the polling; default 30s, within the deadline'),
});

const secret = z.boolean().optional().describe('redact the value everywhere');

export const capture = z.union(
  [
    text(),
    object('a capture', { json: text().describe('JSONPath into the body'), secret }),
    object('a capture', { header: text(), secret }),
    object('a capture', { cookie: text(), secret }),
    object('a capture', { body: text().describe('pattern in RE2 syntax; its first group, or all of it'), secret }),
  ],
  byKey('a capture', ['', 'json', 'header', 'cookie', 'body']),
);

export const captures = z.record(z.string(), capture);

export const stepCommon = {
  name: text().optional().describe('unique in its probe; default its position and what it does'),
  timeout: duration().optional().describe("default the probe's"),
  thresholds: z.array(text()).optional().describe("limits on this step, such as 'p(95)<200'"),
  mark: text().optional().describe('names the moment at which the step begins, for latency.since and from'),
};

export const requestShape = {
  ...stepCommon,
  request,
  expect: httpExpectation.optional(),
  capture: captures
    .optional()
    .describe('values for later steps, by name: a JSONPath, or { json | header | cookie | body }'),
  until: until.optional().describe('poll until the answer is so'),
};

export const requestStep = object('a request step', requestShape);
