import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export type TopicsProps = { readonly key: IKey | undefined; readonly service: string };

/** `page` and `ticket` are for people: e-mail, SMS, a chat. `alarms` is our own way from an alarm to the page function. */
export class Topics extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;
  readonly alarms: Topic;

  constructor(scope: Construct, id: string, { key, service }: TopicsProps) {
    super(scope, id);
    const make = (name: string, displayName: string): Topic =>
      new Topic(this, name, { displayName, enforceSSL: true, ...(key ? { masterKey: key } : {}) });
    this.page = make('Page', `Plimsoll ${service}: pages`);
    this.ticket = make('Ticket', `Plimsoll ${service}: tickets`);
    this.alarms = make('Alarms', `Plimsoll ${service}: alarms`);
    for (const topic of [this.page, this.alarms]) this.openToAlarms(topic);
  }

  /** A topic with a policy of its own has lost the default one, which let the account's alarms in. */
  private openToAlarms(topic: Topic): void {
    const stack = Stack.of(this);
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
  }
}
