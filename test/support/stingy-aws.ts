import { bodyOf, startHttpTarget, type Target } from './http-target.ts';

/**
 * Stands before the emulator and does to DynamoDB's answers what AWS does and the emulator does not: pages that are cut (there
 * at 1 MB, here after some items), batches that are left half done, transactions that meet others, an index that is behind.
 */
type StingyAws = Pick<Target, 'url' | 'close'> & {
  /** What it did, by name. */
  readonly hits: Readonly<Record<'cut page' | 'half batch' | 'conflict' | 'blind index', number>>;
  /** From now on the index knows nothing that is not there yet. */
  blindIndex(): void;
};

type Body = Record<string, unknown>;
type Answer = { readonly status: number; readonly body: Body };

const pageItems = 3;

const cancelled = (transaction: Body): Answer => ({
  status: 400,
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]',
    CancellationReasons: (transaction.TransactItems as readonly unknown[]).map(() => ({ Code: 'TransactionConflict' })),
  },
});

const conflicting: Answer = {
  status: 400,
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException',
    message: 'Transaction is ongoing for the item',
  },
};

/** Half of what a batch asks for, and what that leaves. */
const halve = (request: Body, of: (part: unknown) => readonly unknown[], as: (part: readonly unknown[]) => unknown) => {
  const [[table, part] = ['', undefined]] = Object.entries(request.RequestItems as Body);
  const all = of(part);
  const now = Math.ceil(all.length / 2);
  return {
    request: { ...request, RequestItems: { [table]: as(all.slice(0, now)) } },
    left: all.length > now ? { [table]: as(all.slice(now)) } : {},
    isHalf: all.length > now,
  };
};

export const startStingyAws = async (endpoint: string): Promise<StingyAws> => {
  const hits = { 'cut page': 0, 'half batch': 0, conflict: 0, 'blind index': 0 };
  let blind = false;
  let writes = 0;
  const ask = async (headers: Record<string, string>, body: Body): Promise<Answer> => {
    const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Body };
  };

  const query = async (headers: Record<string, string>, body: Body): Promise<Answer> => {
    if (body.IndexName !== undefined && blind) {
      hits['blind index']++;
      return { status: 200, body: { Items: [], Count: 0, ScannedCount: 0 } };
    }
    const answer = await ask(headers, { ...body, Limit: Math.min(Number(body.Limit ?? pageItems), pageItems) });
    if (answer.body.LastEvaluatedKey) hits['cut page']++;
    return answer;
  };
  const batch = async (name: string, headers: Record<string, string>, body: Body): Promise<Answer> => {
    const reads = name === 'BatchGetItem';
    const half = reads
      ? halve(
          body,
          (part) => (part as { Keys: readonly unknown[] }).Keys,
          (Keys) => ({ Keys, ConsistentRead: true }),
        )
      : halve(
          body,
          (part) => part as readonly unknown[],
          (part) => part,
        );
    if (half.isHalf) hits['half batch']++;
    const { status, body: answer } = await ask(headers, half.request);
    return { status, body: { ...answer, [reads ? 'UnprocessedKeys' : 'UnprocessedItems']: half.left } };
  };
  const answer = (name: string, headers: Record<string, string>, body: Body): Promise<Answer> | Answer => {
    if (name === 'Query') return query(headers, body);
    if (name.startsWith('Batch')) return batch(name, headers, body);
    const transaction = name === 'TransactWriteItems';
    if ((transaction || name === 'UpdateItem') && ++writes % 2 === 1) {
      hits.conflict++;
      return transaction ? cancelled(body) : conflicting;
    }
    return ask(headers, body);
  };

  const target = await startHttpTarget(async (request, response) => {
    const { 'x-amz-target': name = '', authorization = '' } = request.headers;
    const headers = { 'x-amz-target': String(name), authorization, 'content-type': 'application/x-amz-json-1.0' };
    const { status, body } = await answer(
      String(name).split('.').at(-1) ?? '',
      headers,
      JSON.parse(await bodyOf(request)) as Body,
    );
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  return {
    url: target.url,
    hits,
    blindIndex: () => {
      blind = true;
    },
    close: () => target.close(),
  };
};
