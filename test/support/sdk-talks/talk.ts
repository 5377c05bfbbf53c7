import type { Doors } from '../bundled.ts';

/** What AWS answers. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Config = {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly maxAttempts: number;
  readonly defaultUserAgentProvider: () => Promise<[string, string][]>;
  readonly requestHandler: { handle(request: object): Promise<{ readonly response: object }> };
};

export type Sdk = Omit<Doors, 'WebSocket' | 'loadMatchEngines' | 'openClients' | 'openDynamoStore' | 'openSamples'>;

/** Makes a client that is answered. */
export type Open = <C>(Client: new (config: Config) => C, more?: object) => C;

export type Talk = {
  readonly says: string;
  readonly ask: (sdk: Sdk, open: Open) => Promise<unknown>;
  /** One after another, the last one again. */
  readonly answers: readonly Answer[];
};

export const answer = (status: number, body: object | string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'x-amzn-requestid': 'request-1', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export const json = (body: object): Answer => answer(200, body, { 'content-type': 'application/x-amz-json-1.0' });

export const fault = (type: string, more: object = {}): Answer =>
  answer(400, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: `that is ${type}`, ...more });

export const xmlFault = (status: number, code: string): Answer =>
  answer(
    status,
    `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>that is ${code}</Message><RequestId>r</RequestId></Error>`,
    {
      'content-type': 'application/xml',
      'x-amz-request-id': 'request-1',
    },
  );

export const asBase64 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
};
