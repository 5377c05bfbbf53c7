import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TaggedResource = { readonly arn: string; readonly tags: Readonly<Record<string, string>> };

/** A stand-in of the Resource Groups Tagging API: GetResources alone, in its wire protocol (AWS JSON 1.1), page by page. */
type TaggingService = {
  readonly url: string;
  /** Pages that were asked for. */
  readonly pages: () => number;
  close(): void;
};

type Filter = { readonly Key: string; readonly Values?: readonly string[] };
type Input = { readonly TagFilters?: readonly Filter[]; readonly PaginationToken?: string };

/** https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html */
const known = new Set(['PaginationToken', 'TagFilters', 'ResourcesPerPage', 'ResourceTypeFilters']);

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** What is wrong with a request, as the service names it. */
const objection = ({ method, url, headers }: IncomingMessage, input: Input): string | undefined => {
  if (method !== 'POST' || url !== '/') return 'UnknownOperationException';
  if (headers['content-type'] !== 'application/x-amz-json-1.1') return 'SerializationException';
  if (headers['x-amz-target'] !== 'ResourceGroupsTaggingAPI_20170126.GetResources') return 'UnknownOperationException';
  const signed =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[\w-]+\/tagging\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/;
  if (!signed.test(headers.authorization ?? '')) return 'IncompleteSignature';
  if (Object.keys(input).some((key) => !known.has(key))) return 'InvalidParameterException';
  return input.TagFilters?.every(({ Key, Values = [] }) => Key.length > 0 && Values.length <= 20)
    ? undefined
    : 'InvalidParameterException';
};

const matches = ({ tags }: TaggedResource, filters: readonly Filter[]): boolean =>
  filters.every(({ Key, Values = [] }) => Key in tags && (Values.length === 0 || Values.includes(tags[Key] ?? '')));

export const startTaggingService = async (
  resources: readonly TaggedResource[],
  pageSize: number,
): Promise<TaggingService> => {
  let pages = 0;
  const answer = (input: Input): { readonly status: number; readonly body: object } => {
    const found = resources.filter((one) => matches(one, input.TagFilters ?? []));
    const from = input.PaginationToken ? Number(/^page-(\d+)$/.exec(input.PaginationToken)?.[1] ?? Number.NaN) : 0;
    if (!(from < Math.max(1, found.length)))
      return { status: 400, body: { __type: 'PaginationTokenExpiredException' } };
    pages++;
    const next = from + pageSize;
    const list = found.slice(from, next).map(({ arn, tags }) => ({
      ResourceARN: arn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }));
    const token = next < found.length ? `page-${next}` : '';
    return { status: 200, body: { PaginationToken: token, ResourceTagMappingList: list } };
  };
  const server = createServer(async (request, response) => {
    const input: Input = JSON.parse((await bodyOf(request)) || '{}');
    const refused = objection(request, input);
    const { status, body } = refused ? { status: 400, body: { __type: refused, message: refused } } : answer(input);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, pages: () => pages, close: () => void server.close() };
};
