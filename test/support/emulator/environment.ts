import { delimiter, join } from 'node:path';
import { repository } from './venv.ts';

export const accountId = '000000000000';
export const region = 'us-east-1';

/** The emulator takes the account from a key of 12 digits. AWS gives out no such key. */
export const credentials = { accessKeyId: accountId, secretAccessKey: 'emulated' } as const;

/** The project's own Node: the emulator runs functions on the first one on its PATH, and cdk the app. */
export const nodeFolder = join(repository, 'node_modules/node/bin');

/** All that a child process gets: nothing of the person's own AWS set-up, proxies or `NODE_OPTIONS` is among it. */
export const cleanEnvironment = (home: string): Record<string, string> => ({
  PATH: [nodeFolder, process.env.PATH ?? ''].join(delimiter),
  HOME: home,
  TMPDIR: home,
  LANG: 'C.UTF-8',
});

/** For child processes that talk to the emulator, such as cdk. */
export const emulatedEnvironment = (endpoint: string, home: string): Record<string, string> => ({
  ...cleanEnvironment(home),
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(home, 'no-config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
});

const allowed = new Set(Object.keys(emulatedEnvironment('', '')));

const isLoopback = (endpoint: string): boolean =>
  URL.canParse(endpoint) && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(endpoint).hostname);

/**
 * Throws unless this environment can only reach an emulator: a loopback endpoint for every service, the dummy account,
 * and no other `AWS_` variable through which a profile, a role or a service's own endpoint could come in.
 */
export const refuseRealAws = (env: Readonly<Record<string, string | undefined>>): void => {
  const endpoint = env.AWS_ENDPOINT_URL ?? '';
  if (!isLoopback(endpoint)) throw new Error(`refused: the AWS endpoint "${endpoint}" is not on loopback`);
  if (env.AWS_ACCESS_KEY_ID !== credentials.accessKeyId || env.AWS_SECRET_ACCESS_KEY !== credentials.secretAccessKey)
    throw new Error(`refused: the AWS credentials are not the dummy ones of account ${accountId}`);
  const others = Object.keys(env).filter((name) => name.startsWith('AWS_') && !allowed.has(name));
  if (others.length > 0) throw new Error(`refused: ${others.join(', ')} may lead to a real AWS account; unset it`);
  const own = emulatedEnvironment(endpoint, env.HOME ?? '');
  const lookedUp = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'].find((name) => env[name] !== own[name]);
  if (lookedUp !== undefined) throw new Error(`refused: ${lookedUp} is "${env[lookedUp] ?? ''}", not an empty place`);
};
