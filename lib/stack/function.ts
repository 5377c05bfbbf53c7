import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Lambda, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type DrillFunctionName, type FunctionName, handler } from './names.ts';
import { makeRole, ownLog, type Permission } from './permissions.ts';
import { functionSettings, logDays } from './settings.ts';

export type StackFunctionProps = {
  readonly name: FunctionName | DrillFunctionName;
  /** Folder that holds a folder for each function. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** All that it may do, besides writing its own log. */
  readonly permissions: readonly Permission[];
  /** Of one that is invoked without anybody waiting: how often it is tried anew, and where it goes then. */
  readonly asynchronous?: { readonly retries: number; readonly maxAge: Duration; readonly failures: IQueue };
};

/** A function with its log and its role. Nothing widens the role later: a `grant` on it does nothing. */
export class StackFunction extends Construct {
  readonly lambda: Lambda;
  /** What tells its metrics from those of others. */
  readonly dimensions: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: StackFunctionProps) {
    super(scope, id);
    const { memoryMb, timeoutMinutes, description } = functionSettings[props.name];
    const logGroup = new LogGroup(this, 'Log', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    this.lambda = new Lambda(this, 'Function', {
      description: `Plimsoll: ${description}`,
      code: Code.fromAsset(join(props.folder, props.name)),
      handler,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.minutes(timeoutMinutes),
      environment: props.environment,
      role: makeRole(this, new ServicePrincipal('lambda.amazonaws.com'), [
        ownLog(logGroup.logGroupArn),
        ...props.permissions,
      ]),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
    this.dimensions = { FunctionName: this.lambda.functionName };
    if (!props.asynchronous) return;
    const { retries, maxAge, failures } = props.asynchronous;
    this.lambda.configureAsyncInvoke({
      retryAttempts: retries,
      maxEventAge: maxAge,
      onFailure: new SqsDestination(failures),
    });
  }
}
