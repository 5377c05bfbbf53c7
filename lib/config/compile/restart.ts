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

/** Whatever an ARN names, the caller may not choose it (field notes, §B.6): a target is found by name or tag. */
const refuseArn = (input: Input, place: Place): void => {
  for (const [key, value, at] of place.entries(input as Readonly<Record<string, unknown>>)) {
    if (typeof value === 'string' && value.startsWith('arn:') && key !== 'cluster')
      at.refuse('is an ARN', { got: value, remedy: 'write its name: it is looked up in the account of the stack' });
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

/** One that is missing is reported already. */
const readInstanceTag = (tag: string | undefined, place: Place) =>
  tag === undefined ? { key: '', value: '' } : readTag(tag, place.at('tag'));

export const compileRestart = (input: Input, place: Place): RestartPlan => {
  checkKeys(input, place);
  refuseArn(input, place);
  return compilers[input.kind](input, place);
};
