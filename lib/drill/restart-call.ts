import type { DrillPlan } from '../config/plan.ts';

/** The call that a restart makes, in words: what a dry run shows in its place. */
export const describeRestart = ({ restart, target }: DrillPlan): string => {
  switch (restart.kind) {
    case 'process':
      return `${restart.signal} to the process of ${target}, then its start command again`;
    case 'webhook':
      return `POST ${restart.url}`;
    case 'ecs':
      return `${restart.how} of service ${restart.service} in cluster ${restart.cluster}`;
    case 'ec2':
      return `reboot of the instances tagged ${restart.instanceTag.key}=${restart.instanceTag.value}`;
    case 'ssm':
      return `'${restart.command}' on the instances tagged ${restart.instanceTag.key}=${restart.instanceTag.value}`;
    case 'lambda':
      return `invocation of function ${restart.functionName}`;
    case 'fis':
      return `experiment of template ${restart.template}`;
  }
};
