import { answer, fault, json, type Talk } from './talk.ts';

const cluster = 'notes';

/** What the restart adapters of a drill say. */
export const restartTalks: readonly Talk[] = [
  {
    says: 'RebootInstances',
    ask: ({ ec2 }, open) => open(ec2.EC2Client).send(new ec2.RebootInstancesCommand({ InstanceIds: ['i-1', 'i-2'] })),
    answers: [answer(200, '<RebootInstancesResponse><return>true</return></RebootInstancesResponse>')],
  },
  {
    says: 'RebootInstances, refused',
    ask: ({ ec2 }, open) => open(ec2.EC2Client).send(new ec2.RebootInstancesCommand({ InstanceIds: ['i-1'] })),
    answers: [
      answer(
        403,
        '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>',
      ),
    ],
  },
  {
    says: 'DescribeServices',
    ask: ({ ecs }, open) =>
      open(ecs.ECSClient).send(new ecs.DescribeServicesCommand({ cluster, services: ['api'], include: ['TAGS'] })),
    answers: [
      json({
        services: [{ serviceName: 'api', runningCount: 2, createdAt: 1_767_225_600, tags: [{ key: 'a', value: 'b' }] }],
      }),
    ],
  },
  {
    says: 'DescribeTasks',
    ask: ({ ecs }, open) => open(ecs.ECSClient).send(new ecs.DescribeTasksCommand({ cluster, tasks: ['t1'] })),
    answers: [json({ tasks: [{ taskArn: 't1', startedAt: 1_767_225_600.25, lastStatus: 'RUNNING' }] })],
  },
  {
    says: 'UpdateService, refused',
    ask: ({ ecs }, open) =>
      open(ecs.ECSClient).send(new ecs.UpdateServiceCommand({ cluster, service: 'api', forceNewDeployment: true })),
    answers: [fault('ServiceNotActiveException')],
  },
  {
    says: 'StopTask',
    ask: ({ ecs }, open) =>
      open(ecs.ECSClient).send(new ecs.StopTaskCommand({ cluster, task: 't1', reason: 'a drill' })),
    answers: [json({ task: { taskArn: 't1', desiredStatus: 'STOPPED' } })],
  },
  {
    says: 'GetFunctionConfiguration',
    ask: ({ lambda }, open) =>
      open(lambda.LambdaClient).send(new lambda.GetFunctionConfigurationCommand({ FunctionName: 'restarter' })),
    answers: [json({ FunctionName: 'restarter', FunctionArn: 'arn:aws:lambda:eu-central-1:1:function:restarter' })],
  },
  {
    says: 'ListTags',
    ask: ({ lambda }, open) =>
      open(lambda.LambdaClient).send(
        new lambda.ListTagsCommand({ Resource: 'arn:aws:lambda:eu-central-1:1:function:restarter' }),
      ),
    answers: [json({ Tags: { drill: 'allowed' } })],
  },
  {
    says: 'Invoke',
    ask: ({ lambda }, open) =>
      open(lambda.LambdaClient).send(
        new lambda.InvokeCommand({ FunctionName: 'restarter', Payload: Buffer.from('{"run":"r"}') }),
      ),
    answers: [answer(200, '{"ok":true}')],
  },
  {
    says: 'SendCommand',
    ask: ({ ssm }, open) =>
      open(ssm.SSMClient).send(
        new ssm.SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: ['i-1'],
          Parameters: { commands: ['systemctl restart notes'] },
        }),
      ),
    answers: [json({ Command: { CommandId: 'c-1', RequestedDateTime: 1_767_225_600 } })],
  },
];
