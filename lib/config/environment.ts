import { BlockList, isIP } from 'node:net';
import type { Parsed } from './parsed.ts';
import { parsed, refused } from './parsed.ts';
import type { Environment, Json, Plan, ProbePlan } from './plan.ts';
import { fillTemplate } from './templates.ts';

export const environments: readonly Environment[] = ['dev', 'staging', 'pilot', 'prod'];

/** Reads `PLIMSOLL_ENVIRONMENT`; nothing is `dev`. An unknown name is refused, for it may be a misspelt `prod`. */
export const parseEnvironment = (text: string | undefined): Parsed<Environment> => {
  if (text === undefined || text === '') return parsed('dev');
  const known = environments.find((environment) => environment === text);
  return known ? parsed(known) : refused(`PLIMSOLL_ENVIRONMENT is "${text}": set it to ${environments.join(', ')}`);
};

/** Where runs are kept. `embedded` is a file on one machine. */
export type Storage = 'embedded' | 'dynamodb';

export const storages: readonly Storage[] = ['embedded', 'dynamodb'];

/** Reads `PLIMSOLL_STORAGE`; nothing is `embedded`. An unknown name is refused in every environment. */
export const parseStorage = (text: string | undefined): Parsed<Storage> => {
  if (text === undefined || text === '') return parsed('embedded');
  const known = storages.find((storage) => storage === text);
  return known ? parsed(known) : refused(`PLIMSOLL_STORAGE is "${text}": set it to ${storages.join(' or ')}`);
};

const urlsOf = (probe: ProbePlan): readonly { readonly step: string; readonly url: string }[] =>
  [...probe.steps, ...probe.cleanup].flatMap((step) => {
    if (step.type === 'request') return [{ step: step.name, url: step.request.url }];
    return step.type === 'connect' ? [{ step: step.name, url: step.url }] : [];
  });

const targetsOf = (plan: Plan): readonly { readonly where: string; readonly url: string }[] => [
  ...plan.probes.flatMap((probe) =>
    urlsOf(probe).map(({ step, url }) => ({ where: `probe ${probe.id}, step ${step}`, url })),
  ),
  ...(plan.control ? [{ where: 'control', url: plan.control.url }] : []),
];

const plainUrls = (plan: Plan, values: ReadonlyMap<string, Json>): readonly string[] =>
  targetsOf(plan).flatMap(({ where, url }) => {
    const scheme = /^(http|ws):/i.exec(fillTemplate(url, values))?.[1]?.toLowerCase();
    return scheme ? [`${where}: ${scheme}:// is not encrypted: use ${scheme}s://`] : [];
  });

const loopbackRanges = (plan: Plan): readonly string[] => {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return plan.network.allow.filter((cidr) => {
    const network = cidr.split('/')[0] ?? '';
    // A range that is wider than loopback and holds it opens it too.
    const own = new BlockList();
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    own.addSubnet(network, Number(cidr.split('/')[1] ?? (family === 'ipv6' ? 128 : 32)), family);
    return loopback.check(network, family) || own.check(family === 'ipv6' ? '::1' : '127.0.0.1', family);
  });
};

/**
 * What an environment refuses of a plan: outside `dev` the embedded store, unencrypted targets, and loopback opened by
 * `network.allow`. Empty where it may run.
 */
export const environmentRefusals = (
  plan: Plan,
  environment: Environment,
  values: ReadonlyMap<string, Json>,
  storage: Storage,
): readonly string[] =>
  environment === 'dev'
    ? []
    : [
        ...(storage === 'embedded'
          ? [
              'the embedded store keeps runs in a file on this machine: use the deployed stack, or PLIMSOLL_ENVIRONMENT=dev',
            ]
          : []),
        ...plainUrls(plan, values),
        ...loopbackRanges(plan).map((cidr) => `network.allow opens loopback with ${cidr}: remove it`),
      ];
