import { describe, expect, it } from 'vitest';
import { isKept, isSameResource, remedyOf } from '../../lib/aws/removal/remedy.ts';
import type { CloudPlan } from '../../lib/config/plan.ts';

const at = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;

describe('what an ARN names', () => {
  it.each<[arn: string, physicalId: string]>([
    [at('dynamodb', 'table/shop-Table-1'), 'shop-Table-1'],
    ['arn:aws:s3:::shop-bucket-1', 'shop-bucket-1'],
    [at('sqs', 'shop-Work-1'), 'https://sqs.eu-central-1.amazonaws.com/123456789012/shop-Work-1'],
    [at('sns', 'shop-Page-1'), at('sns', 'shop-Page-1')],
    [at('lambda', 'function:shop-Probe-1'), 'shop-Probe-1'],
    [at('logs', 'log-group:/shop/probe:*'), '/shop/probe'],
    [at('ssm', 'parameter/plimsoll/shop/plan'), '/plimsoll/shop/plan'],
    [at('cloudwatch', 'alarm:shop-Breached-1'), 'shop-Breached-1'],
    [at('events', 'rule/shop-Changed-1'), 'shop-Changed-1'],
    [at('kms', 'key/1234-abcd'), '1234-abcd'],
  ])('%s is the resource %s of a stack', (arn, physicalId) => {
    expect(isSameResource(arn, physicalId)).toBe(true);
    expect(isSameResource(arn, `${physicalId}0`)).toBe(false);
    expect(isSameResource(arn, physicalId.slice(3))).toBe(false);
    expect(isSameResource(arn, '')).toBe(false);
  });

  it.each<[arn: string, remedy: string]>([
    [at('dynamodb', 'table/t'), 'aws dynamodb delete-table --table-name t'],
    ['arn:aws:s3:::b', 'empty it in the console, then: aws s3 rb s3://b'],
    [at('lambda', 'function:f'), 'aws lambda delete-function --function-name f'],
    [at('logs', 'log-group:/aws/lambda/f:*'), 'aws logs delete-log-group --log-group-name /aws/lambda/f'],
    [at('ssm', 'parameter/plimsoll/shop/plan'), 'aws ssm delete-parameter --name /plimsoll/shop/plan'],
    [at('ssm', 'parameter/plan'), 'aws ssm delete-parameter --name plan'],
    [at('sns', 'page'), `aws sns delete-topic --topic-arn ${at('sns', 'page')}`],
    [at('cloudformation', 'stack/shop/1-2'), 'aws cloudformation delete-stack --stack-name shop'],
    [at('braket', 'job/j'), 'look for j in the console of braket'],
  ])('%s is removed by %s', (arn, remedy) => {
    expect(remedyOf(arn)).toBe(remedy);
  });

  it('is kept where the config asked for that kind, with the key that it cannot be read without', () => {
    const cloud = (keep: CloudPlan['keep'], customerKey: boolean): CloudPlan => ({
      keep,
      customerKey,
      maxConcurrency: 50,
    });
    const arns = [at('dynamodb', 'table/t'), 'arn:aws:s3:::b', at('kms', 'key/k'), at('sqs', 'q')];
    const keptBy = (plan: CloudPlan) => arns.filter((arn) => isKept(arn, plan)).map((arn) => arn.split(':')[2]);
    expect(keptBy(cloud([], true))).toEqual([]);
    expect(keptBy(cloud(['table'], false))).toEqual(['dynamodb']);
    expect(keptBy(cloud(['bucket'], true))).toEqual(['s3', 'kms']);
    expect(keptBy(cloud(['table', 'bucket'], false))).toEqual(['dynamodb', 's3']);
  });
});
