import type { Place } from '../place.ts';
import type { RestartPlan } from '../plan.ts';
import { suggest } from '../problem.ts';
import type { DrillInput } from '../schema/config.ts';
import { checkUrl } from './request.ts';
import { given, readHeaders } from './values.ts';

type Input = DrillInput['restart'];
type Kind = RestartPlan['kind'];
type Key = Exclude<keyof Input, 'kind'>;

const keysOf: { readonly [K in Kind]: { readonly needs: readonly Key[]; readonly takes: readonly Key[] } } = {
  process: { needs: [], takes: ['signal'] },
  webhook: { needs: ['url'], takes: ['headers', 'secret'] },
  ecs: { needs: ['cluster', 'service'], takes: ['how'] },
  ec2: { needs: ['tag'], takes: [] },
  ssm: { needs: ['tag', 'command'], takes: [] },
  lambda: { needs: ['function'], takes: ['payload'] },
  fis: { needs: ['template'], takes: [] },
};

const checkKeys = (input: Input, place: Place): void => {
  const { needs, takes } = keysOf[input.kind];
  const known = [...needs, ...takes];
  for (const [key, , at] of place.entries(input as Readonly<Record<string, unknown>>)) {
    if (key === 'kind' || known.some((one) => one === key)) continue;
    at.refuse(`is no part of a restart by ${input.kind}`, { remedy: `remove it; ${suggest('', known, 'keys')}` });
  }
  if (!place.isWhole(input)) return;
  for (const key of needs) {
    if (input[key] === undefined) place.at(key).refuse(`is missing: a restart by ${input.kind} needs it`);
  }
};

/** `key=value`, as a tag is written. */
export const readTag = (text: string, place: Place): { readonly key: string; readonly value: string } => {
  const [, key = '', value = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (key.trim() === '' || value.trim() === '')
    place.refuse('is no tag', { got: text, remedy: "write its key and value, such as 'drill=allowed'" });
  return { key: key.trim(), value: value.trim() };
};

const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT'];
const ways = ['forceNewDeployment', 'stopTask'] as const;

const readChoice = <T extends string>(text: string, choices: readonly T[], place: Place): T | undefined => {
  const found = choices.find((one) => one === text);
  if (found === undefined) place.refuse(`must be one of ${choices.join(', ')}`, { got: text });
  return found;
};

type Name = { readonly key: Key; readonly pattern: RegExp; readonly of: string };

/** What a name may be, by whose it is; nothing that is an ARN, whole or in part, fits. */
const names: readonly Name[] = [
  { key: 'cluster', pattern: /^[\w-]{1,255}$/, of: 'an ECS cluster' },
  { key: 'service', pattern: /^[\w-]{1,255}$/, of: 'an ECS service' },
  { key: 'function', pattern: /^[\w-]{1,64}$/, of: 'a Lambda function' },
  { key: 'template', pattern: /^[\w-]{1,64}$/, of: 'an experiment template of FIS' },
];

const isArn = (text: string): boolean => /^\s*arn:/i.test(text);

/** An ARN names an account and a Region, and whoever writes one chooses both: a target is found by name or tag (field notes, §B.6). */
const checkNames = (input: Input, place: Place): void => {
  const { needs } = keysOf[input.kind];
  for (const { key, pattern, of } of names.filter((name) => needs.includes(name.key))) {
    const got = input[key];
    if (typeof got !== 'string' || pattern.test(got)) continue;
    const remedy = 'write its name: it is looked up in the account and the Region of the stack';
    place.at(key).refuse(isArn(got) ? 'is an ARN' : `is not the name of ${of}`, { got, remedy });
  }
};

const compilers: { readonly [K in Kind]: (input: Input, place: Place) => Extract<RestartPlan, { kind: K }> } = {
  process: ({ signal = 'SIGKILL' }, place) => ({
    kind: 'process',
    signal: readChoice(signal, signals, place.at('signal')) ?? signal,
  }),
  webhook: ({ url = '', headers, secret }, place) => {
    if (url !== '') checkUrl(url, place.at('url'), ['http', 'https']);
    return { kind: 'webhook', url, headers: readHeaders(headers, place.at('headers')), ...given('secret', secret) };
  },
  ecs: ({ cluster = '', service = '', how = ways[0] }, place) => ({
    kind: 'ecs',
    cluster,
    service,
    how: readChoice(how, ways, place.at('how')) ?? ways[0],
  }),
  ec2: ({ tag }, place) => ({ kind: 'ec2', instanceTag: readInstanceTag(tag, place) }),
  ssm: ({ tag, command = '' }, place) => ({ kind: 'ssm', instanceTag: readInstanceTag(tag, place), command }),
  lambda: ({ function: functionName = '', payload = {} }) => ({ kind: 'lambda', functionName, payload }),
  fis: ({ template = '' }) => ({ kind: 'fis', template }),
};

/** One that is missing is reported already. A value may be an ARN, as of `aws:cloudformation:stack-id`: it is a tag all the same. */
const readInstanceTag = (tag: string | undefined, place: Place) => {
  if (tag === undefined) return { key: '', value: '' };
  if (!isArn(tag)) return readTag(tag, place.at('tag'));
  const remedy = "instances are found by a tag that they bear, such as 'service=notes'";
  place.at('tag').refuse('is an ARN', { got: tag, remedy });
  return { key: '', value: '' };
};

export const compileRestart = (input: Input, place: Place): RestartPlan => {
  checkKeys(input, place);
  checkNames(input, place);
  return compilers[input.kind](input, place);
};
