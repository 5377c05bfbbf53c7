import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../config/plan.ts';
import type { JudgeInput } from '../dispatch/input.ts';
import { drillConcluded, eventSource, verdictChanged } from '../names.ts';

export type VerdictEventsProps = {
  readonly service: string;
  readonly environment: Environment;
  readonly page: IFunction;
  readonly judge: IFunction;
  readonly deadLetters: IQueue;
  /** There are drills, whose ends are told. */
  readonly ends: boolean;
};

/** A change of a verdict, to those who tell it and to the gauges; the end of a drill, to those who tell it. The bus is the account's: other stacks are on it too. */
export class VerdictEvents extends Construct {
  constructor(scope: Construct, id: string, props: VerdictEventsProps) {
    super(scope, id);
    const { service, environment, page, judge, deadLetters, ends } = props;
    const changed: JudgeInput = { kind: 'changed' };
    const delivery = { deadLetterQueue: deadLetters, retryAttempts: 10, maxEventAge: Duration.hours(2) };
    new Rule(this, 'Changed', {
      description: `Changes of verdicts of ${service} (${environment}), to the page and the judge functions.`,
      eventPattern: {
        source: [eventSource],
        detailType: [verdictChanged],
        detail: { service: [service], environment: [environment] },
      },
      targets: [
        new LambdaFunction(page, delivery),
        new LambdaFunction(judge, { ...delivery, event: RuleTargetInput.fromObject(changed) }),
      ],
    });
    if (!ends) return;
    new Rule(this, 'DrillEnds', {
      description: `Ends of drills of ${service} (${environment}), to the page function.`,
      eventPattern: {
        source: [eventSource],
        detailType: [drillConcluded],
        detail: { service: [service], environment: [environment] },
      },
      targets: [new LambdaFunction(page, delivery)],
    });
  }
}
