import { environments } from '../config/environment.ts';
import { type Parsed, parsed, refused } from '../config/parsed.ts';
import { type DeadLetter, mostItems, type WorkMessage } from './message.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));

/** Everything that is wrong with an object, by field; `undefined` fields are absent ones. */
type Checks = Readonly<Record<string, readonly [says: string, holds: (value: unknown) => boolean]>>;

const text = ['a text', (value: unknown) => typeof value === 'string' && value !== ''] as const;
const time = ['an ISO time', isTime] as const;
const list = ['a list', (value: unknown) => Array.isArray(value)] as const;
const object = ['an object', isObject] as const;
const number = ['a number', (value: unknown) => Number.isFinite(value)] as const;

const oneOf = (...known: readonly string[]) =>
  [`one of ${known.join(', ')}`, (value: unknown) => known.some((one) => one === value)] as const;

const absentOr = ([says, holds]: Checks[string]) =>
  [`${says}, or absent`, (value: unknown) => value === undefined || holds(value)] as const;

const serviceChecks: Checks = {
  service: text,
  environment: oneOf(...environments),
  variables: object,
  values: object,
  network: ['an object with a list allow', (value) => isObject(value) && Array.isArray(value.allow)],
  maintenance: list,
  control: absentOr(object),
  keys: number,
  metrics: oneOf('service', 'probe'),
};

const probeChecks: Checks = {
  id: text,
  kind: oneOf('http', 'websocket'),
  samples: number,
  timeoutMs: number,
  deadlineMs: number,
  steps: list,
  cleanup: list,
  needs: list,
  alarm: object,
  baseline: object,
};

const itemChecks: Checks = {
  probe: object,
  slot: time,
  trigger: oneOf('schedule', 'demand', 'confirm'),
  token: absentOr(text),
  dueAt: time,
};

const longestShown = 60;

const show = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'absent';
  return json.length > longestShown ? `${json.slice(0, longestShown)}…` : json;
};

const problemOf = (value: unknown, where: string, checks: Checks): string | undefined => {
  if (!isObject(value)) return `${where} must be an object, and is ${show(value)}`;
  for (const [field, [says, holds]] of Object.entries(checks)) {
    const found = Object.hasOwn(value, field) ? value[field] : undefined;
    if (!holds(found)) return `${where}.${field} must be ${says}, and is ${show(found)}`;
  }
  return undefined;
};

const itemProblem = (item: unknown, where: string): string | undefined =>
  problemOf(item, where, itemChecks) ?? problemOf((item as Fields).probe, `${where}.probe`, probeChecks);

const messageProblem = (message: Fields): string | undefined => {
  const { service, items, shiftMs } = message;
  const wrong = problemOf(service, 'service', serviceChecks);
  if (wrong !== undefined) return wrong;
  if (!Array.isArray(items) || items.length === 0 || items.length > mostItems) {
    return `items must be a list of 1 to ${mostItems} runs, and is ${show(items)}`;
  }
  for (const [index, item] of items.entries()) {
    const problem = itemProblem(item, `items[${index}]`);
    if (problem !== undefined) return problem;
  }
  return shiftMs === undefined || Number.isFinite(shiftMs)
    ? undefined
    : `shiftMs must be a number, or absent, and is ${show(shiftMs)}`;
};

const readJson = (body: string): Parsed<Fields> => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return refused('it is no JSON');
  }
  if (!isObject(value)) return refused(`it must be an object, and is ${show(value)}`);
  return value.schema === 1
    ? parsed(value)
    : refused(`its schema must be 1, which this version knows, and is ${show(value.schema)}`);
};

/** Reads a message of the work queue; what is wrong with it in one sentence, with no more of it than a few characters. */
export const readWorkMessage = (body: string): Parsed<WorkMessage> => {
  const json = readJson(body);
  if (!json.ok) return json;
  const problem = messageProblem(json.value);
  return problem === undefined ? parsed(json.value as WorkMessage) : refused(problem);
};

const letterChecks: Readonly<Record<DeadLetter['kind'], Checks>> = {
  run: { service: object, item: object, run: text },
  samples: { key: text, body: text },
  poison: { message: ['a text', (value) => typeof value === 'string'] },
};

/** Reads a message of the dead-letter queue: a letter of ours, or work that SQS itself moved there. */
export const readDeadLetter = (body: string): Parsed<DeadLetter | (WorkMessage & { readonly kind: 'work' })> => {
  const json = readJson(body);
  if (!json.ok) return json;
  const { kind } = json.value;
  if (kind === undefined) {
    const work = readWorkMessage(body);
    return work.ok ? parsed({ ...work.value, kind: 'work' }) : work;
  }
  const known = Object.entries(letterChecks).find(([name]) => name === kind);
  if (!known) return refused(`its kind must be one of ${Object.keys(letterChecks).join(', ')}, and is ${show(kind)}`);
  const letter = json.value;
  const problem =
    problemOf(letter, 'it', { at: time, reason: text, ...known[1] }) ??
    (kind === 'run'
      ? (problemOf(letter.service, 'service', serviceChecks) ?? itemProblem(letter.item, 'item'))
      : undefined);
  return problem === undefined ? parsed(letter as DeadLetter) : refused(problem);
};
