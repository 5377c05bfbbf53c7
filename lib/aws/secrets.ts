import type { VariableSpec } from '../config/plan.ts';
import type { VariableReaders } from '../config/variables.ts';
import type { Clock } from '../probe/prober.ts';
import type { SecretsManagerClient } from './sdk/secrets-manager.ts';
import type { SSMClient } from './sdk/ssm.ts';
import { cutBatches } from './send-batches.ts';

/** Reads secrets by reference, and never tells a value to anybody else. */
export type Secrets = Required<Pick<VariableReaders, 'ssm' | 'secretsmanager'>> & {
  /** Reads the parameters of these variables ahead, ten in a call. Never rejects: who asks for one that failed is told. */
  warm(variables: Readonly<Record<string, Pick<VariableSpec, 'from'>>>): Promise<void>;
};

type SecretsDeps = {
  readonly ssm: () => Promise<SSMClient>;
  readonly secretsManager: () => Promise<SecretsManagerClient>;
  readonly clock: Clock;
};

/**
 * How long a value is good: after a rotation the old one is used for so long. By the wall clock: the monotonic one stands still
 * while Lambda keeps us frozen, and a value would be good for hours.
 */
const lifeMs = 300_000;

/** Whoever puts a secret that was missing does not wait for its life: long enough for the runs of one message. */
const absentLifeMs = 10_000;

/** GetParameters takes ten names. */
const mostNames = 10;

type Kept = { readonly value: Promise<string | undefined>; readonly untilMs: number };

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** The name of the error alone: what a service says beside it may quote the request. */
const unreadable = (error: unknown): Error => new Error(`AWS answered ${nameOf(error)}`);

const readParameters = async (
  ssm: () => Promise<SSMClient>,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { GetParametersCommand } = await import('./sdk/ssm.ts');
  const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
  const { Parameters = [] } = await (await ssm()).send(command);
  // A version or a label that was asked for comes back apart from the name.
  return new Map(
    Parameters.flatMap(({ Name, ARN, Selector = '', Value }) =>
      Value === undefined ? [] : [Name, ARN].flatMap((name) => (name ? [[`${name}${Selector}`, Value] as const] : [])),
    ),
  );
};

const readSecret = async (
  secretsManager: () => Promise<SecretsManagerClient>,
  id: string,
): Promise<string | undefined> => {
  const { GetSecretValueCommand } = await import('./sdk/secrets-manager.ts');
  try {
    const { SecretString, SecretBinary } = await (await secretsManager()).send(
      new GetSecretValueCommand({ SecretId: id }),
    );
    return SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString());
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return undefined;
    throw unreadable(error);
  }
};

/** Values by reference, whole or on their way: who asks meanwhile waits for the same answer. */
type Cache = {
  /** Nothing where there is none, or its time is over. */
  readonly fresh: (key: string) => Kept['value'] | undefined;
  readonly keep: (key: string, value: Kept['value']) => Kept['value'];
};

/** Values are kept for 5 minutes, what is not set for 10 seconds, and what failed not at all. */
const openCache = (clock: Clock): Cache => {
  const kept = new Map<string, Kept>();
  return {
    fresh: (key) => {
      const known = kept.get(key);
      return known && known.untilMs > clock.now() ? known.value : undefined;
    },
    keep: (key, value) => {
      const untilMs = clock.now() + lifeMs;
      const mine: Kept = { value, untilMs };
      kept.set(key, mine);
      const change = (next?: Kept): void => {
        if (kept.get(key) !== mine) return;
        if (next) kept.set(key, next);
        else kept.delete(key);
      };
      value.then(
        (found) => found === undefined && change({ value, untilMs: untilMs - lifeMs + absentLifeMs }),
        () => change(),
      );
      return value;
    },
  };
};

/** Values are kept for 5 minutes, what is not set for 10 seconds; what failed is asked for again. Not set is `undefined`. */
export const secretReaders = ({ ssm, secretsManager, clock }: SecretsDeps): Secrets => {
  const { fresh, keep } = openCache(clock);
  const readAll = (names: readonly string[]): readonly Kept['value'][] => {
    const found = readParameters(ssm, names);
    return names.map((name) => {
      const value = found.then(
        (values) => values.get(name),
        (error: unknown) => {
          throw unreadable(error);
        },
      );
      return keep(`ssm:${name}`, value);
    });
  };
  return {
    ssm: async (name) => fresh(`ssm:${name}`) ?? readAll([name])[0],
    secretsmanager: async (id) => {
      const key = `secretsmanager:${id}`;
      return fresh(key) ?? keep(key, readSecret(secretsManager, id));
    },
    warm: async (variables) => {
      const sources = Object.values(variables).flatMap(({ from }) => from);
      const names = sources.flatMap((source) => (source.startsWith('ssm:') ? [source.slice('ssm:'.length)] : []));
      const wanted = [...new Set(names)].filter((name) => !fresh(`ssm:${name}`));
      const sizes = { mostEntries: mostNames, mostBytes: Number.POSITIVE_INFINITY, bytesOf: () => 0 };
      await Promise.allSettled(cutBatches(wanted, sizes).flatMap((batch) => readAll(batch)));
    },
  };
};
