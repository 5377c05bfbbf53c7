import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the removal of a stack looks at one moment. */
export type Scene = {
  readonly status: string;
  /** Status of each resource, by logical id. */
  readonly resources: Readonly<Record<string, string>>;
  /** Newest first: logical id, status and reason. */
  readonly events?: readonly (readonly [logicalId: string, status: string, reason: string])[];
};

/** A stand-in of CloudFormation whose one stack goes from scene to scene, one at each look; the last one stays. */
type RemovedStack = {
  readonly url: string;
  readonly id: string;
  /** Actions that were asked for, in order. */
  readonly actions: readonly string[];
  close(): void;
};

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const name = 'plimsoll-shop';
const id = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/plimsoll-shop/1-2';
const at = '2026-11-17T13:00:00Z';

const stackXml = ({ status }: Scene): string =>
  `<Stacks><member><StackName>plimsoll-shop</StackName><StackId>${id}</StackId><StackStatus>${status}</StackStatus>` +
  `<CreationTime>${at}</CreationTime></member></Stacks>`;

const resourcesXml = ({ resources }: Scene): string => {
  const members = Object.entries(resources).map(
    ([logicalId, status]) =>
      `<member><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>shop-${logicalId}</PhysicalResourceId>` +
      `<ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>${status}</ResourceStatus>` +
      `<LastUpdatedTimestamp>${at}</LastUpdatedTimestamp></member>`,
  );
  return `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`;
};

const eventsXml = ({ events = [] }: Scene): string => {
  const members = events.map(
    ([logicalId, status, reason], n) =>
      `<member><StackId>${id}</StackId><StackName>plimsoll-shop</StackName><EventId>${n}</EventId>` +
      `<LogicalResourceId>${logicalId}</LogicalResourceId>` +
      `<PhysicalResourceId>${logicalId === 'plimsoll-shop' ? id : `shop-${logicalId}`}</PhysicalResourceId>` +
      `<ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>${status}</ResourceStatus>` +
      `<ResourceStatusReason>${reason}</ResourceStatusReason><Timestamp>${at}</Timestamp></member>`,
  );
  return `<StackEvents>${members.join('')}</StackEvents>`;
};

/** In CloudFormation's wire protocol (AWS Query, XML); what it does not know is a 400. */
export const startRemovedStack = async (scenes: readonly Scene[]): Promise<RemovedStack> => {
  const left = [...scenes];
  const actions: string[] = [];
  let scene: Scene = { status: 'CREATE_COMPLETE', resources: {} };
  const answers: Readonly<Record<string, () => string>> = {
    DeleteStack: () => '',
    DescribeStacks: () => {
      scene = left.shift() ?? scene;
      return stackXml(scene);
    },
    ListStackResources: () => resourcesXml(scene),
    DescribeStackEvents: () => eventsXml(scene),
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const action = body.get('Action') ?? '';
    actions.push(action);
    const answer =
      [id, name].includes(body.get('StackName') ?? '') && body.get('Version') === '2010-05-15'
        ? answers[action]?.()
        : undefined;
    const xml =
      answer === undefined
        ? '<ErrorResponse><Error><Code>ValidationError</Code><Message>what?</Message></Error></ErrorResponse>'
        : `<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`;
    response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'text/xml' }).end(xml);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, id, actions, close: () => void server.close() };
};
