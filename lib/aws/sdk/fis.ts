import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LambdaClient } from './lambda.ts';

/*
 * Three calls of the Fault Injection Service (https://docs.aws.amazon.com/fis/latest/APIReference/). Its client on npm ends in
 * February 2024, before the safety lever, and brings an SDK of that time with it.
 */

/** Of any client of the SDK: where we are, and who. */
type Config = Pick<LambdaClient['config'], 'region' | 'credentials' | 'endpoint' | 'isCustomEndpoint'>;

export type FisClient = {
  /** Tags, by key. */
  template(id: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** `engaged` stops all experiments of the account. */
  lever(signal: AbortSignal): Promise<{ readonly status: string; readonly reason: string }>;
  /** @param token The same asks once. */
  start(
    template: string,
    token: string,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly status: string }>;
};

type HashData = string | ArrayBuffer | ArrayBufferView;
const bytesOf = (data: HashData): string | Uint8Array => {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

/** What the signature hashes with. */
class Sha256 {
  #hash;
  constructor(secret?: HashData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: HashData): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {
    this.#hash = createHash('sha256');
  }
}

/** As an error of the SDK, so that it is known for one. */
const answered = (status: number, type: string, text: string): Error =>
  Object.assign(new Error(text), {
    name: type || `HTTP ${status}`,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

type Answer = Readonly<Record<string, unknown>>;

const read = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const answer = (typeof body === 'object' && body !== null ? body : {}) as Answer;
  if (response.ok) return answer;
  const type = response.headers.get('x-amzn-errortype')?.replace(/:.*$/, '') ?? '';
  throw answered(response.status, type, String(answer.message ?? answer.Message ?? text).slice(0, 400));
};

const inside = (answer: Answer, key: string): Answer => (answer[key] ?? {}) as Answer;

/** @param endpoint Instead of AWS's own. */
export const openFis = (config: Config, endpoint?: string): FisClient => {
  const ask = async (method: string, path: string, signal: AbortSignal, body?: Answer): Promise<Answer> => {
    const region = await config.region();
    const url = new URL(path, endpoint ?? `https://fis.${region}.amazonaws.com`);
    const signer = new SignatureV4({ service: 'fis', region, credentials: config.credentials, sha256: Sha256 });
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: {},
      headers: { host: url.host, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(text === undefined ? {} : { body: text }),
    });
    return read(await fetch(url, { method, headers, signal, ...(text === undefined ? {} : { body: text }) }));
  };
  return {
    template: async (id, signal) => {
      const answer = await ask('GET', `/experimentTemplates/${encodeURIComponent(id)}`, signal);
      return inside(inside(answer, 'experimentTemplate'), 'tags') as Readonly<Record<string, string>>;
    },
    lever: async (signal) => {
      const { status, reason } = inside(
        inside(await ask('GET', '/safetyLevers/default', signal), 'safetyLever'),
        'state',
      );
      return { status: String(status), reason: String(reason ?? '') };
    },
    start: async (template, token, signal) => {
      const body = { clientToken: token, experimentTemplateId: template };
      const { experiment } = await ask('POST', '/experiments', signal, body);
      const { id, state } = (experiment ?? {}) as Answer;
      return { id: String(id), status: String(((state ?? {}) as Answer).status) };
    },
  };
};
