import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, json, startHttpTarget, type Target } from './http-target.ts';

/** An alert of PagerDuty: triggers with its key merge into it while it is open. */
type PagerDutyIncident = {
  readonly dedupKey: string;
  readonly routingKey: string;
  status: 'open' | 'acknowledged' | 'resolved';
  readonly triggers: PagerDutyPayload[];
};

type PagerDutyPayload = {
  readonly summary: string;
  readonly source: string;
  readonly severity: string;
  readonly timestamp?: string;
  readonly component?: string;
  readonly group?: string;
  readonly class?: string;
  readonly custom_details?: Readonly<Record<string, unknown>>;
};

/** What the next request is answered instead of being looked at. */
type Mishap = 429 | 500 | 503 | 'hang' | 'cut after accepting';

export type PagerDuty = {
  /** Of the endpoint. */
  readonly url: string;
  /** In the order in which they were opened. */
  readonly incidents: readonly PagerDutyIncident[];
  /** Every answer so far, in order; 0: none was given. */
  readonly answers: readonly number[];
  /** Bodies as they came. */
  readonly bodies: readonly string[];
  /** Problems that it told with 400. */
  readonly problems: readonly string[];
  /** Mishaps for the next requests, in order. */
  fail(...mishaps: readonly Mishap[]): void;
  close(): Promise<void>;
};

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const severities = ['critical', 'error', 'warning', 'info'];
const actions = ['trigger', 'acknowledge', 'resolve'];
const topLevel = ['routing_key', 'event_action', 'dedup_key', 'payload', 'images', 'links', 'client', 'client_url'];
const inPayload = ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class', 'custom_details'];

/** `YYYY-MM-DDThh:mm:ss[.sss](Z|±hh:mm|±hhmm)`. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

const strangers = (object: Json, known: readonly string[], where: string): readonly string[] =>
  Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `'${where}${key}' is unknown`);

const textProblems = (object: Json, key: string, { required = false, most = Number.POSITIVE_INFINITY } = {}) => {
  const value = object[key];
  if (value === undefined) return required ? [`'payload.${key}' is missing or blank`] : [];
  if (typeof value !== 'string') return [`'payload.${key}' is not a string`];
  if (required && value.trim() === '') return [`'payload.${key}' is missing or blank`];
  return value.length > most ? [`'payload.${key}' is longer than ${most} characters`] : [];
};

const payloadProblems = (payload: unknown): readonly string[] => {
  if (!isObject(payload)) return ["'payload' is missing or blank"];
  const { severity, timestamp, custom_details: details } = payload;
  return [
    ...strangers(payload, inPayload, 'payload.'),
    ...textProblems(payload, 'summary', { required: true, most: 1024 }),
    ...textProblems(payload, 'source', { required: true }),
    ...(['component', 'group', 'class'] as const).flatMap((key) => textProblems(payload, key)),
    ...(severities.includes(severity as string)
      ? []
      : ["'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"]),
    ...(timestamp === undefined || (typeof timestamp === 'string' && isoTime.test(timestamp))
      ? []
      : ["'payload.timestamp' is not a time of ISO 8601"]),
    ...(details === undefined || isObject(details) ? [] : ["'payload.custom_details' is not an object"]),
  ];
};

const linkProblems = (links: unknown): readonly string[] => {
  if (links === undefined) return [];
  if (!Array.isArray(links)) return ["'links' is not an array"];
  return links.every((link) => isObject(link) && typeof link.href === 'string' && URL.canParse(link.href))
    ? []
    : ["'links.href' is not a URL"];
};

const keyProblems = ({ routing_key: routing, dedup_key: dedup, event_action: action }: Json): readonly string[] => [
  ...(typeof routing === 'string' && routing.length === 32
    ? []
    : ["Length of 'routing_key' is incorrect (should be 32 characters)"]),
  ...(actions.includes(action as string)
    ? []
    : ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"]),
  ...(dedup === undefined || (typeof dedup === 'string' && dedup.length <= 255)
    ? []
    : ["Length of 'dedup_key' is incorrect (should be at most 255 characters)"]),
  ...(dedup === undefined && action !== 'trigger' ? ["'dedup_key' is missing or blank"] : []),
];

const problemsOf = (event: Json): readonly string[] => [
  ...strangers(event, topLevel, ''),
  ...keyProblems(event),
  ...(event.event_action === 'trigger' ? payloadProblems(event.payload) : []),
  ...linkProblems(event.links),
];

const mostBytes = 512 * 1024;

const parse = (body: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The alert of this key, of this integration alone, while it is not resolved. */
const findOpen = (incidents: readonly PagerDutyIncident[], event: Json): PagerDutyIncident | undefined =>
  incidents.findLast(
    ({ dedupKey, routingKey, status }) =>
      dedupKey === event.dedup_key && routingKey === event.routing_key && status !== 'resolved',
  );

const take = (event: Json, incidents: PagerDutyIncident[], generated: string): string => {
  const open = findOpen(incidents, event);
  const dedupKey = typeof event.dedup_key === 'string' ? event.dedup_key : generated;
  if (event.event_action === 'trigger') {
    const payload = event.payload as PagerDutyPayload;
    if (open) open.triggers.push(payload);
    else incidents.push({ dedupKey, routingKey: String(event.routing_key), status: 'open', triggers: [payload] });
  } else if (open) open.status = event.event_action === 'resolve' ? 'resolved' : 'acknowledged';
  return dedupKey;
};

/**
 * A strict stand-in of PagerDuty's Events API v2, on a real socket, written from its public contract (PagerDuty/developer-docs,
 * docs/events-API-v2). Stricter than the real one: a key that the contract does not know is a problem too.
 */
export const startPagerDuty = async (): Promise<PagerDuty> => {
  const incidents: PagerDutyIncident[] = [];
  const [answers, bodies, problems]: [number[], string[], string[]] = [[], [], []];
  const mishaps: Mishap[] = [];

  const answer = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    answers.push(status);
    json(response, status, body, headers);
  };
  const refuse = (response: ServerResponse, errors: readonly string[]) => {
    problems.push(...errors);
    answer(response, 400, { status: 'invalid event', message: 'Event object is invalid', errors });
  };
  const consider = (request: IncomingMessage, response: ServerResponse, body: string, mishap?: Mishap) => {
    if (request.method !== 'POST' || request.url !== '/v2/enqueue') return answer(response, 404, {});
    if (Buffer.byteLength(body) > mostBytes) return refuse(response, ['The body is larger than 512 KB']);
    const event = parse(body);
    if (!event) return refuse(response, ['The body is not a JSON object']);
    const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
    const errors = [...(isJson ? [] : ['The content type is not application/json']), ...problemsOf(event)];
    if (errors.length > 0) return refuse(response, errors);
    const dedupKey = take(event, incidents, `generated-${incidents.length}`);
    if (mishap === 'cut after accepting') {
      answers.push(0);
      return response.destroy();
    }
    answer(response, 202, { status: 'success', message: 'Event processed', dedup_key: dedupKey });
  };

  const target: Target = await startHttpTarget(async (request, response) => {
    const mishap = mishaps.shift();
    const body = await bodyOf(request);
    bodies.push(body);
    if (mishap === 'hang') return void answers.push(0);
    if (mishap === 429) return answer(response, 429, { message: 'Request Limit Exceeded' }, { 'retry-after': '1' });
    if (mishap === 500 || mishap === 503) return answer(response, mishap, {});
    consider(request, response, body, mishap);
  });
  return {
    url: `${target.url}/v2/enqueue`,
    incidents,
    answers,
    bodies,
    problems,
    fail: (...next) => void mishaps.push(...next),
    close: () => target.close(),
  };
};
