import type { Place } from '../place.ts';
import type { IdentityPlan, TargetPlan } from '../plan.ts';
import type { TargetInput } from '../schema/config.ts';
import { checkJsonPath } from './json-path.ts';
import { compileLedger } from './ledger.ts';
import { checkUrl } from './request.ts';
import { readTag } from './restart.ts';
import { given, readHeaders, textTable } from './values.ts';

type IdentityInput = NonNullable<TargetInput['identity']>;

const parts = ['boot', 'startedAt', 'epoch'] as const;

/** Prometheus text format: the names that a metric may have. */
const metricName = /^[a-zA-Z_:][\w:]*$/;

/** A name that is no JSONPath is the name of a metric, unless the config says that the answer is JSON. */
const readFormat = (identity: IdentityInput): IdentityPlan['format'] =>
  identity.format ??
  (parts.some((part) => identity[part] !== undefined && metricName.test(identity[part])) ? 'prometheus' : 'json');

const compileIdentity = (identity: IdentityInput, place: Place): IdentityPlan => {
  checkUrl(identity.url, place.at('url'), ['http', 'https']);
  const format = readFormat(identity);
  for (const part of parts) {
    const name = identity[part];
    if (name === undefined) continue;
    if (format === 'json') checkJsonPath(name, place.at(part));
    else if (!metricName.test(name)) {
      const remedy = "write its name alone, such as 'process_start_time_seconds'";
      place.at(part).refuse('is not the name of a metric', { got: name, remedy });
    }
  }
  if (identity.boot === undefined && identity.startedAt === undefined && place.isWhole(identity)) {
    place.refuse('tells no two starts apart', {
      remedy: "write boot: '$.bootId', or startedAt: 'process_start_time_seconds'",
    });
  }
  return {
    url: identity.url,
    headers: readHeaders(identity.headers, place.at('headers')),
    ...given('boot', identity.boot),
    ...given('startedAt', identity.startedAt),
    ...given('epoch', identity.epoch),
    format,
  };
};

/** POSIX.1-2017 §8.1, and what Node hands on. */
const environmentName = /^[A-Za-z_]\w*$/;

const readEnvironment = (env: TargetInput['env'], place: Place): Readonly<Record<string, string>> => {
  for (const [name, , at] of place.entries(env)) {
    if (!environmentName.test(name))
      at.refuse('is not the name of an environment variable', { got: name, remedy: 'use letters, digits and _' });
  }
  return textTable(env);
};

export const compileTarget = (target: TargetInput, place: Place): TargetPlan => {
  if (target.ready !== undefined) checkUrl(target.ready, place.at('ready'), ['http', 'https']);
  return {
    ...given('start', target.start),
    env: readEnvironment(target.env, place.at('env')),
    ...given('ready', target.ready),
    ...given('identity', target.identity && compileIdentity(target.identity, place.at('identity'))),
    ...given('ledger', target.ledger && compileLedger(target.ledger, place.at('ledger'))),
    tag: readTag(target.tag ?? 'drill=allowed', place.at('tag')),
  };
};
