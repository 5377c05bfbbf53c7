import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serviceTimeHeader } from '../service-time.ts';
import type { OpenClient } from './client.ts';

const run = promisify(execFile);

/** `%header{…}` of `-w` came with this version. */
const oldest = [7, 84] as const;

/** Why curl cannot be measured here; nothing when it can. */
export const missingCurl = async (): Promise<string | undefined> => {
  const said = await run('curl', ['--version']).catch(() => undefined);
  if (!said) return 'curl is not installed: left out';
  const [major = 0, minor = 0] = (/^curl (\d+)\.(\d+)/.exec(said.stdout) ?? []).slice(1).map(Number);
  const old = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return old ? `curl ${major}.${minor} is older than ${oldest.join('.')}: left out` : undefined;
};

const format = `%{time_total} %{num_connects} %header{${serviceTimeHeader}}\\n`;

// `-q` and `--noproxy`: this user's settings are not what is measured.
const options = ['-q', '-sS', '--noproxy', '*', '-w', format];

const readError = (transfer: string): number => {
  const [totalS = Number.NaN, connects, serviceMs = Number.NaN] = transfer.split(' ').map(Number);
  const errorMs = totalS * 1000 - serviceMs;
  if (connects !== 0 || Number.isNaN(errorMs)) throw new Error(`curl did not keep its connection: ${transfer}`);
  return errorMs;
};

/** curl's own figures: one invocation, which keeps its connections from transfer to transfer. */
export const openCurl: OpenClient = ({ url, pacerUrl, samples }) => {
  const transfers = Array.from({ length: samples + 1 }, () => [pacerUrl, url]).flat();
  const args = [...options, ...transfers.flatMap((transfer) => ['-o', '/dev/null', transfer])];
  return {
    name: 'curl',
    measure: async () => {
      const { stdout } = await run('curl', args);
      const measured = stdout
        .trim()
        .split('\n')
        .filter((_, index) => index % 2 === 1);
      // The first one connects.
      return { errorsMs: measured.slice(1).map(readError) };
    },
  };
};
