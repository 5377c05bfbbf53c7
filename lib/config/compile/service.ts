import { isIP } from 'node:net';
import type { Place } from '../place.ts';
import type { Channel, GatePlan, Json, NetworkPlan, NotifyPlan, VariableSource, VariableSpec } from '../plan.ts';
import type { Config } from '../schema/config.ts';
import { namePattern } from '../templates.ts';
import { checkUrl } from './request.ts';
import { given, readDuration } from './values.ts';

const sourcePattern = /^(?:flag|(?:env|ssm|secretsmanager):.+)$/;

const checkSource = (source: unknown, place: Place): void => {
  if (typeof source === 'string' && sourcePattern.test(source)) {
    if (!source.startsWith('env:') || /^env:[A-Za-z_]\w*$/.test(source)) return;
    place.refuse('is not the name of an environment variable', { got: source, remedy: 'use letters, digits and _' });
    return;
  }
  const remedy = 'write flag, env:NAME, ssm:/path or secretsmanager:id';
  place.refuse('is no source of a variable', { got: source, remedy });
};

/** `entry.id` and its kin belong to the ledger. */
const reserved = /^entry(?:\.|$)/;

export const compileVariables = (input: Config['variables'], place: Place): Readonly<Record<string, VariableSpec>> =>
  Object.fromEntries(
    place.entries(input).map(([name, variable, at]) => {
      if (!namePattern.test(name)) at.refuse('is not a name', { got: name, remedy: 'use letters, digits, _ and dots' });
      if (reserved.test(name)) at.refuse('is a name of the ledger', { got: name, remedy: 'call it something else' });
      const from: readonly VariableSource[] = variable.from ?? ['flag'];
      for (const [source, spot] of at.at('from').items(from)) checkSource(source, spot);
      if (from.length === 0 && variable.default === undefined) {
        at.refuse('can never be set: it has no source and no default', {
          remedy: "write from: ['flag'], or a default",
        });
      }
      const value = variable.default === undefined ? undefined : String(variable.default);
      const required = variable.required ?? false;
      return [name, { from, ...given('default', value), required, secret: variable.secret ?? false }];
    }),
  );

type ChannelInput = NonNullable<NonNullable<Config['notify']>['page']>[number];

const compileChannel = (input: ChannelInput, place: Place): Channel => {
  const [entry] = Object.entries(input);
  if (!entry) throw new Error('the schema lets no empty channel through');
  const [kind, options] = entry;
  if ('url' in options && typeof options.url === 'string')
    checkUrl(options.url, place.at(kind, 'url'), ['http', 'https']);
  // JSON already, and the schema's optional keys are gone where they were not set.
  return { kind, options: options as { readonly [key: string]: Json } };
};

export const compileNotify = (input: Config['notify'], place: Place): NotifyPlan => {
  const channels = (route: keyof NotifyPlan): readonly Channel[] =>
    place
      .at(route)
      .items(input?.[route])
      .map(([channel, at]) => compileChannel(channel, at));
  return { page: channels('page'), ticket: channels('ticket'), monitoring: channels('monitoring') };
};

export const compileGate = (input: Config['gate'], place: Place): GatePlan | undefined => {
  if (input === undefined) return undefined;
  const inputs = place.at('inputs').entries(input.inputs);
  for (const [, limits, at] of inputs) {
    const { min, max } = limits;
    if (min === undefined && max === undefined && at.isWhole(limits))
      at.refuse('has no limit', { remedy: 'write min, max or both' });
    if (min !== undefined && max !== undefined && min > max) at.refuse('min is over max', { got: { min, max } });
  }
  return {
    maxAgeMs: readDuration(input.maxAge, place.at('maxAge')) ?? 86_400_000,
    advisory: input.advisory ?? false,
    inputs: Object.fromEntries(
      inputs.map(([name, { min, max, required }]) => [
        name,
        { ...given('min', min), ...given('max', max), required: required ?? false },
      ]),
    ),
  };
};

const checkCidr = (range: string, place: Place): void => {
  const [address = '', prefix, ...rest] = range.split('/');
  // A zone (fe80::1%eth0) names an interface of one machine.
  const family = address.includes('%') ? 0 : isIP(address);
  const longest = family === 4 ? 32 : 128;
  if (family !== 0 && prefix === undefined) {
    place.refuse('is an address without its prefix', {
      got: range,
      remedy: `write ${range}/${longest} for this one address`,
    });
  } else if (
    family === 0 ||
    prefix === undefined ||
    rest.length > 0 ||
    !/^\d{1,3}$/.test(prefix) ||
    Number(prefix) > longest
  ) {
    place.refuse('is not a CIDR range', { got: range, remedy: 'write such as 10.0.0.0/8 or fd00::/8' });
  }
};

export const compileNetwork = (input: Config['network'], place: Place): NetworkPlan => {
  for (const [range, at] of place.at('allow').items(input?.allow)) checkCidr(range, at);
  return { allow: input?.allow ?? [] };
};
