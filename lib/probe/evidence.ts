import { showValue } from '../result/redact.ts';
import type { Evidence } from '../result/result.ts';
import type { WireRequest, WireResponse } from './exchange.ts';
import type { Redactor } from './prober.ts';

const maxBodyChars = 2_000;
const maxHeaderChars = 300;

const showHeaders = (headers: Readonly<Record<string, string>>, redact: Redactor): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, showValue(value, redact, maxHeaderChars)]));

/** Start of a body as text; bytes that are no text are counted instead. A secret cut in half would escape redaction,
 * so what is redacted reaches further than what is kept. */
const showBody = (body: Buffer, redact: Redactor): string => {
  const head = body.subarray(0, maxBodyChars * 8);
  return head.includes(0)
    ? `(${body.length} bytes that are not text)`
    : showValue(head.toString('utf8'), redact, maxBodyChars);
};

/** What was sent and what came, redacted and cut. */
export const evidenceOf = (wire: WireRequest, response: WireResponse | undefined, redact: Redactor): Evidence => ({
  request: {
    method: wire.method,
    url: redact(wire.url.href),
    headers: showHeaders(wire.headers, redact),
    ...(wire.body ? { body: showBody(wire.body, redact) } : {}),
  },
  ...(response
    ? {
        response: {
          status: response.status,
          headers: showHeaders(response.headers, redact),
          ...(response.body.length > 0 ? { body: showBody(response.body, redact) } : {}),
          bodyBytes: response.body.length,
          ...(response.remoteAddress ? { remoteAddress: response.remoteAddress } : {}),
        },
      }
    : {}),
});
