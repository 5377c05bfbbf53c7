import { describe, expect, it, onTestFinished } from 'vitest';
import { openRestarting } from '../../support/drill/restarting.ts';
import { json, startHttpTarget } from '../../support/http-target.ts';

type Asked = { readonly call: string; readonly body: Record<string, unknown>; readonly signed: boolean };
type Answer = { readonly status?: number; readonly type?: string; readonly body: unknown };

/** An AWS that answers as it is told, by operation (ECS, SSM) or by method and path (FIS, EC2 by action), and keeps what it was asked. */
const startAws = async (answers: Readonly<Record<string, Answer>>) => {
  const asked: Asked[] = [];
  const { url, close } = await startHttpTarget(async (request, response) => {
    let text = '';
    for await (const part of request) text += String(part);
    const operation = /\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
    // EC2 is asked by a form, and answers XML.
    const form = new URLSearchParams(text.startsWith('Action=') || text.includes('&Action=') ? text : '');
    const call = form.get('Action') ?? operation ?? `${request.method} ${request.url}`;
    const body: Record<string, unknown> = form.has('Action')
      ? Object.fromEntries(form)
      : (JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>);
    asked.push({ call, body, signed: /^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? '') });
    const answer = answers[call] ?? { status: 404, type: 'ResourceNotFoundException', body: { message: `no ${call}` } };
    if (answer.type) response.setHeader('x-amzn-errortype', answer.type);
    if (typeof answer.body === 'string') response.end(answer.body);
    else json(response, answer.status ?? 200, answer.body);
  });
  onTestFinished(() => close());
  const config = {
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return { asked, config };
};

const allowed = [{ key: 'drill', value: 'allowed' }];
const service = {
  serviceArn: 'arn:aws:ecs:eu-west-1:1:service/shop/notes',
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 2,
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  tags: allowed,
};
const ecs = (how: string) => ({ kind: 'ecs', cluster: 'shop', service: 'notes', how });
const services = (...found: readonly object[]): Answer => ({ body: { services: found, failures: [] } });
const task = (id: string, tags: readonly object[]) => ({ taskArn: `arn:aws:ecs:eu-west-1:1:task/shop/${id}`, tags });

describe('a restart by ECS', () => {
  it('deploys the service anew, and tells what decides whether old and new overlap', async () => {
    const { asked, config } = await startAws({
      DescribeServices: services(service),
      UpdateService: { body: { service: { deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY' }] } } },
    });
    const receipt = await openRestarting(ecs('forceNewDeployment'), config).restart();
    expect(receipt).toMatchObject({
      adapter: 'ecs',
      platformIds: ['deployment ecs-svc/1'],
      details: { how: 'forceNewDeployment', minimumHealthyPercent: 100, maximumPercent: 200, runningCount: 2 },
    });
    expect(asked.at(-1)).toMatchObject({
      call: 'UpdateService',
      body: { cluster: 'shop', service: 'notes', forceNewDeployment: true },
    });
  });

  it('stops every task that bears the tag, and no other', async () => {
    const { asked, config } = await startAws({
      DescribeServices: services(service),
      ListTasks: { body: { taskArns: ['a', 'b', 'c'] } },
      DescribeTasks: { body: { tasks: [task('a', allowed), task('b', []), task('c', allowed)] } },
      StopTask: { body: {} },
    });
    const restarting = openRestarting(ecs('stopTask'), config);
    expect(await restarting.refusals()).toEqual([]);
    expect(asked.map(({ call }) => call)).not.toContain('StopTask');
    expect((await restarting.restart()).platformIds).toEqual(['task a', 'task c']);
    const stops = asked.filter(({ call }) => call === 'StopTask').map(({ body }) => body);
    expect(stops).toEqual(['a', 'c'].map((id) => ({ cluster: 'shop', task: id, reason: 'plimsoll drill run-1' })));
  });

  it.each<[string, Readonly<Record<string, Answer>>, RegExp]>([
    ['there is no such service', { DescribeServices: services() }, /there is no active service notes in cluster shop/],
    [
      'it is being deleted',
      { DescribeServices: services({ ...service, status: 'DRAINING' }) },
      /there is no active service/,
    ],
    ['it has no tag', { DescribeServices: services({ ...service, tags: [] }) }, /has no tag drill=allowed/],
    [
      'its tag says no',
      { DescribeServices: services({ ...service, tags: [{ key: 'drill', value: 'never' }] }) },
      /has no tag drill=allowed/,
    ],
    [
      'nothing of it runs',
      { DescribeServices: services(service), ListTasks: { body: { taskArns: [] } } },
      /has no running task/,
    ],
    [
      'no task bears the tag',
      {
        DescribeServices: services(service),
        ListTasks: { body: { taskArns: ['a'] } },
        DescribeTasks: { body: { tasks: [task('a', [])] } },
      },
      /propagateTags/,
    ],
    [
      'we may not look',
      { DescribeServices: { status: 400, type: 'AccessDeniedException', body: { message: 'not you' } } },
      /AWS does not allow that/,
    ],
  ])('is refused where %s, and nothing is asked for', async (_, answers, reason) => {
    const { asked, config } = await startAws(answers);
    const restarting = openRestarting(ecs('stopTask'), config);
    expect(await restarting.refusals()).toEqual([expect.stringMatching(reason)]);
    await expect(restarting.restart()).rejects.toMatchObject({ name: 'Drill.RestartRefused' });
    expect(asked.map(({ call }) => call)).not.toContain('StopTask');
  });

  it('is asked for once, and nobody knows of one that the platform failed to answer', async () => {
    const { asked, config } = await startAws({
      DescribeServices: services(service),
      UpdateService: { status: 500, type: 'ServerException', body: { message: 'try again' } },
    });
    const failed = openRestarting(ecs('forceNewDeployment'), config).restart();
    await expect(failed).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining('try again') });
    expect(asked.filter(({ call }) => call === 'UpdateService')).toHaveLength(1);
  });
});

describe('a restart by FIS', () => {
  const lever = (status: string, reason = ''): Answer => ({ body: { safetyLever: { state: { status, reason } } } });
  const template = (tags: object): Answer => ({ body: { experimentTemplate: { id: 'EXT1', tags } } });
  const fis = { kind: 'fis', template: 'EXT1' };
  const paths = {
    lever: 'GET /safetyLevers/default',
    template: 'GET /experimentTemplates/EXT1',
    start: 'POST /experiments',
  };

  it('starts the experiment of the template, signed, under the name of the run', async () => {
    const { asked, config } = await startAws({
      [paths.lever]: lever('disengaged'),
      [paths.template]: template({ drill: 'allowed' }),
      [paths.start]: { body: { experiment: { id: 'EXP7', state: { status: 'initiating' } } } },
    });
    const receipt = await openRestarting(fis, config).restart();
    expect(receipt).toMatchObject({ platformIds: ['experiment EXP7'], details: { status: 'initiating' } });
    expect(asked.every(({ signed }) => signed)).toBe(true);
    expect(asked.at(-1)?.body).toEqual({ clientToken: 'run-1', experimentTemplateId: 'EXT1' });
  });

  it.each<[string, Answer, Answer, RegExp]>([
    [
      'its safety lever is pulled',
      lever('engaged', 'peak'),
      template({ drill: 'allowed' }),
      /lever of FIS is engaged: peak/,
    ],
    ['its template has no tag', lever('disengaged'), template({}), /template EXT1 has no tag drill=allowed/],
    [
      'it does not answer',
      { status: 403, type: 'AccessDeniedException', body: { message: 'not you' } },
      template({ drill: 'allowed' }),
      /not you/,
    ],
  ])('is refused where %s', async (_, leverAnswer, templateAnswer, reason) => {
    const { asked, config } = await startAws({ [paths.lever]: leverAnswer, [paths.template]: templateAnswer });
    const restarting = openRestarting(fis, config);
    expect(await restarting.refusals()).toEqual([expect.stringMatching(reason)]);
    await expect(restarting.restart()).rejects.toMatchObject({ name: 'Drill.RestartRefused' });
    expect(asked.map(({ call }) => call)).not.toContain(paths.start);
  });
});

const instances = (...ids: readonly string[]): Answer => ({
  body: `<DescribeInstancesResponse><reservationSet>${ids
    .map((id) => `<item><instancesSet><item><instanceId>${id}</instanceId></item></instancesSet></item>`)
    .join('')}</reservationSet></DescribeInstancesResponse>`,
});

describe('a restart by a command of SSM', () => {
  const ssm = { kind: 'ssm', tag: 'service=notes', command: 'systemctl restart notes' };

  it("runs the plan's command on the instances that bear both tags", async () => {
    const { asked, config } = await startAws({
      DescribeInstances: instances('i-2', 'i-1'),
      SendCommand: { body: { Command: { CommandId: 'c-1' } } },
    });
    const receipt = await openRestarting(ssm, config).restart();
    expect(receipt).toMatchObject({ adapter: 'ssm', platformIds: ['command c-1', 'instance i-1', 'instance i-2'] });
    const [looked, sent] = asked;
    expect(Object.values(looked?.body ?? {})).toEqual(
      expect.arrayContaining(['tag:service', 'notes', 'tag:drill', 'allowed', 'instance-state-name', 'running']),
    );
    expect(sent?.body).toMatchObject({
      InstanceIds: ['i-1', 'i-2'],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['systemctl restart notes'] },
    });
  });

  it.each([
    ['none', [], /no running instance has the tags service=notes and drill=allowed/],
    ['more than fifty', Array.from({ length: 51 }, (_, n) => `i-${n}`), /51 instances .* 50 at most/],
  ] as const)('is refused where there are %s', async (_, ids, reason) => {
    const { asked, config } = await startAws({ DescribeInstances: instances(...ids) });
    await expect(openRestarting(ssm, config).restart()).rejects.toMatchObject({
      name: 'Drill.RestartRefused',
      message: expect.stringMatching(reason),
    });
    expect(asked.map(({ call }) => call)).toEqual(['DescribeInstances']);
  });
});
