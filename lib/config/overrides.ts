import { BlockList, isIP } from 'node:net';
import type { Json, Plan, ProbePlan } from './plan.ts';
import { fillTemplate, templateNames } from './templates.ts';

type Values = ReadonlyMap<string, Json>;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A secret that goes to loopback has not left the machine. */
const isLoopback = (host: string): boolean => {
  const literal = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(literal);
  return family === 0 ? literal === 'localhost' : loopback.check(literal, family === 6 ? 'ipv6' : 'ipv4');
};

const urlTemplates = (probe: ProbePlan): readonly string[] =>
  [...probe.steps, ...probe.cleanup].flatMap((step) => {
    if (step.type === 'request') return [step.request.url];
    return step.type === 'connect' ? [step.url] : [];
  });

const hostOf = (template: string, values: Values): string | undefined =>
  URL.parse(fillTemplate(template, values))?.hostname || undefined;

const hostsOf = (probes: readonly ProbePlan[], values: Values): ReadonlySet<string> =>
  new Set(probes.flatMap(urlTemplates).flatMap((template) => hostOf(template, values) ?? []));

/** Names and those that their defaults are made of: a header variable may hold the token variable. */
const closure = (plan: Plan, names: readonly string[]): ReadonlySet<string> => {
  const reached = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...templateNames(plan.variables[name]?.default ?? ''));
  }
  return reached;
};

const secretsIn = (plan: Plan, probe: ProbePlan): readonly string[] =>
  [...closure(plan, templateNames([probe.steps, probe.cleanup]))].filter((name) => plan.variables[name]?.secret);

/** Whether a probe would measure something else with these values than with those that the config names. */
export const isOverridden = (plan: Plan, probe: ProbePlan, values: Values, named: Values): boolean =>
  [...closure(plan, templateNames([probe.steps]))].some((name) => values.get(name) !== named.get(name));

/**
 * Whoever may override a URL for one run must not be able to have the plan's secrets sent to a host of their choice:
 * a probe that carries a secret goes only to hosts that the config names (in its URLs, defaults and environment), or to
 * loopback. Answers a sentence for each probe that would do otherwise.
 *
 * @param values with the overrides; @param named the same without them.
 */
export const overrideRefusals = (
  plan: Plan,
  probes: readonly ProbePlan[],
  values: Values,
  named: Values,
): readonly string[] => {
  const known = hostsOf(plan.probes, named);
  return probes.flatMap((probe) => {
    const secrets = secretsIn(plan, probe);
    if (secrets.length === 0) return [];
    const strangers = [...hostsOf([probe], values)].filter((host) => !known.has(host) && !isLoopback(host));
    return strangers.map(
      (host) =>
        `probe ${probe.id} would send the secret ${secrets.join(', ')} to ${host}, which the config does not name: ` +
        'set the URL by its default or its env: source instead of --set',
    );
  });
};
