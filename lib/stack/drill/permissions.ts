import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DrillPlan, RestartPlan, TargetPlan } from '../../config/plan.ts';
import { allow, type Permission } from '../permissions.ts';

/*
 * What a drill may look at, and what the restart function alone may restart: named by the plan, and only while it bears the
 * tag that allows it. The condition on the tag is IAM's, the look at the tag is ours: each holds if the other fails.
 */

export type Restarted = { readonly drill: DrillPlan; readonly target: TargetPlan };

type Tag = TargetPlan['tag'];
type Kind = RestartPlan['kind'];
type Of<K extends Kind> = Extract<RestartPlan, { readonly kind: K }>;

/** `look`: describes; `ask`: restarts. Sids are unique in a role: the drill's number is in them. */
type Powers = { readonly look: readonly Permission[]; readonly ask: readonly Permission[] };

type Place = { readonly stack: Stack; readonly n: number; readonly tag: Tag };

const whenTagged = ({ key, value }: Tag, prefix = 'aws:ResourceTag') => ({ [`${prefix}/${key}`]: value });

const noResource = (call: string): string => `${call} knows no resource, and only describes`;

const ecsPowers = ({ cluster, service, how }: Of<'ecs'>, { stack, n, tag }: Place): Powers => {
  const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ecs', resource, resourceName });
  const inCluster = { ArnEquals: { 'ecs:cluster': arn('cluster', cluster) } };
  const services = [arn('service', `${cluster}/${service}`)];
  const tasks = [arn('task', `${cluster}/*`)];
  const because = 'tasks have no names but ids, which change with each start: the cluster and the tag narrow it';
  const isStop = how === 'stopTask';
  const renew = allow(`Renew${n}`, ['ecs:UpdateService'], services, { conditions: { StringEquals: whenTagged(tag) } });
  const stop = allow(`Stop${n}`, ['ecs:StopTask'], tasks, {
    conditions: { ...inCluster, StringEquals: whenTagged(tag) },
    because,
  });
  return {
    look: [
      allow(`Service${n}`, ['ecs:DescribeServices'], services),
      ...(isStop
        ? [
            allow(`ListTasks${n}`, ['ecs:ListTasks'], ['*'], {
              conditions: inCluster,
              because: noResource('ListTasks'),
            }),
            allow(`Tasks${n}`, ['ecs:DescribeTasks'], tasks, { conditions: inCluster, because }),
          ]
        : []),
    ],
    ask: [isStop ? stop : renew],
  };
};

const instances = (stack: Stack): readonly string[] => [
  stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' }),
];

const instancesBecause = 'instances have no names but ids, which change: the tags narrow it';

const describeInstances = (n: number): Permission =>
  allow(`Instances${n}`, ['ec2:DescribeInstances'], ['*'], { because: noResource('DescribeInstances') });

const ec2Powers = ({ instanceTag }: Of<'ec2'>, { stack, n, tag }: Place): Powers => ({
  look: [describeInstances(n)],
  ask: [
    allow(`Reboot${n}`, ['ec2:RebootInstances'], instances(stack), {
      conditions: { StringEquals: { ...whenTagged(tag), ...whenTagged(instanceTag) } },
      because: instancesBecause,
    }),
  ],
});

const ssmPowers = ({ instanceTag }: Of<'ssm'>, { stack, n, tag }: Place): Powers => ({
  look: [describeInstances(n)],
  ask: [
    allow(`Command${n}`, ['ssm:SendCommand'], instances(stack), {
      conditions: {
        StringEquals: { ...whenTagged(tag, 'ssm:resourceTag'), ...whenTagged(instanceTag, 'ssm:resourceTag') },
      },
      because: instancesBecause,
    }),
    allow(
      `Document${n}`,
      ['ssm:SendCommand'],
      [stack.formatArn({ service: 'ssm', account: '', resource: 'document', resourceName: 'AWS-RunShellScript' })],
    ),
  ],
});

const lambdaPowers = ({ functionName }: Of<'lambda'>, { stack, n, tag }: Place): Powers => {
  const arns = [
    stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  ];
  return {
    look: [allow(`Hook${n}`, ['lambda:GetFunctionConfiguration', 'lambda:ListTags'], arns)],
    ask: [allow(`InvokeHook${n}`, ['lambda:InvokeFunction'], arns, { conditions: { StringEquals: whenTagged(tag) } })],
  };
};

const fisPowers = ({ template }: Of<'fis'>, { stack, n, tag }: Place): Powers => {
  const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'fis', resource, resourceName });
  const templates = [arn('experiment-template', template)];
  return {
    look: [
      allow(`Template${n}`, ['fis:GetExperimentTemplate'], templates),
      allow(`Lever${n}`, ['fis:GetSafetyLever'], [arn('safety-lever', 'default')]),
    ],
    ask: [
      allow(`Start${n}`, ['fis:StartExperiment'], templates, { conditions: { StringEquals: whenTagged(tag) } }),
      allow(`Experiment${n}`, ['fis:StartExperiment'], [arn('experiment', '*')], {
        because: 'an experiment gets its id when it is started: the template narrows it',
      }),
    ],
  };
};

const nothing: Powers = { look: [], ask: [] };

const powersOf = (restart: RestartPlan, place: Place): Powers => {
  switch (restart.kind) {
    case 'ecs':
      return ecsPowers(restart, place);
    case 'ec2':
      return ec2Powers(restart, place);
    case 'ssm':
      return ssmPowers(restart, place);
    case 'lambda':
      return lambdaPowers(restart, place);
    case 'fis':
      return fisPowers(restart, place);
    default:
      return nothing;
  }
};

/** What all drills of a plan need of the platform, those that restart the same thing once. */
export const platformPowers = (scope: IConstruct, drills: readonly Restarted[]): Powers => {
  const stack = Stack.of(scope);
  const distinct = new Map(drills.map((one) => [JSON.stringify([one.drill.restart, one.target.tag]), one]));
  const all = [...distinct.values()].map(({ drill, target }, n) =>
    powersOf(drill.restart, { stack, n, tag: target.tag }),
  );
  return { look: all.flatMap(({ look }) => look), ask: all.flatMap(({ ask }) => ask) };
};
