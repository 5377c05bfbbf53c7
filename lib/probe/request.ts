import type { HttpBody, HttpRequestPlan } from '../config/plan.ts';
import { version } from '../version.ts';
import type { CookieJar } from './cookies.ts';
import type { WireRequest } from './exchange.ts';
import type { Values } from './session.ts';
import { renderJson, renderRecord, renderText, renderUrl, TemplateError } from './template.ts';

type EncodedBody = { readonly type: string; readonly bytes: Buffer };

const encodeMultipart = async (body: HttpBody & { kind: 'multipart' }, values: Values): Promise<EncodedBody> => {
  const form = new FormData();
  for (const part of body.parts) {
    const value = renderText(part.value, values);
    if (part.filename === undefined && part.contentType === undefined) form.append(part.name, value);
    else form.append(part.name, new Blob([value], { type: part.contentType ?? '' }), part.filename ?? part.name);
  }
  // The platform's own encoder (RFC 7578): boundary, quoting and line ends are its business.
  const encoded = new Response(form);
  return {
    type: encoded.headers.get('content-type') ?? 'multipart/form-data',
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
};

const encodeBody = async (body: HttpBody, values: Values): Promise<EncodedBody> => {
  switch (body.kind) {
    case 'json':
      return { type: 'application/json', bytes: Buffer.from(JSON.stringify(renderJson(body.json, values))) };
    case 'form':
      return {
        type: 'application/x-www-form-urlencoded',
        bytes: Buffer.from(new URLSearchParams(renderRecord(body.fields, values)).toString()),
      };
    case 'text':
      return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(renderText(body.text, values)) };
    case 'multipart':
      return encodeMultipart(body, values);
  }
};

const authorization = (auth: NonNullable<HttpRequestPlan['auth']>, values: Values): string =>
  auth.kind === 'bearer'
    ? `Bearer ${renderText(auth.token, values)}`
    : `Basic ${Buffer.from(`${renderText(auth.username, values)}:${renderText(auth.password, values)}`).toString('base64')}`;

/** A rendered http or https URL. Throws a TemplateError that names what it became. */
export const renderTargetUrl = (template: string, values: Values, schemes: readonly string[]): URL => {
  const text = renderUrl(template, values);
  const url = URL.parse(text);
  if (!url || !schemes.includes(url.protocol)) {
    throw new TemplateError(
      `the URL became "${text}", which is not ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    );
  }
  return url;
};

const lowerKeys = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));

/** Fills in every template of a request. @throws TemplateError where a name has no value or the URL is none. */
export const renderRequest = async (plan: HttpRequestPlan, values: Values, jar: CookieJar): Promise<WireRequest> => {
  const url = renderTargetUrl(plan.url, values, ['http:', 'https:']);
  for (const [name, value] of Object.entries(renderRecord(plan.query, values))) url.searchParams.append(name, value);
  const body = plan.body ? await encodeBody(plan.body, values) : undefined;
  const cookie = plan.cookies ? jar.header(url) : '';
  return {
    method: plan.method,
    url,
    headers: {
      accept: '*/*',
      'user-agent': `plimsoll/${version}`,
      ...(body ? { 'content-type': body.type } : {}),
      ...(cookie ? { cookie } : {}),
      ...(plan.auth ? { authorization: authorization(plan.auth, values) } : {}),
      ...lowerKeys(renderRecord(plan.headers, values)),
    },
    ...(body ? { body: body.bytes } : {}),
    tls: plan.tls,
    maxBodyBytes: plan.maxBodyBytes,
  };
};
