import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';

/** A small app for the tests of cdk.ts: a queue, a function whose code is an asset, and a bucket that a function of CDK empties. */
const app = new App();
const stack = new Stack(app, 'Toy', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT ?? '', region: process.env.CDK_DEFAULT_REGION ?? '' },
});
const queue = new Queue(stack, 'Work');
const samples = new Bucket(stack, 'Samples', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
const echo = new LambdaFunction(stack, 'Echo', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromAsset(String(app.node.getContext('code'))),
});
new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
new CfnOutput(stack, 'Function', { value: echo.functionName });
new CfnOutput(stack, 'Bucket', { value: samples.bucketName });
