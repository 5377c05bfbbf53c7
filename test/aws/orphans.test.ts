import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DeletedStack, readTagged, sortLeftovers } from '../../lib/aws/removal/orphans.ts';
import type { CloudPlan } from '../../lib/config/plan.ts';
import { tagNames } from '../../lib/names.ts';
import { startTaggingService, type TaggedResource } from '../support/tagging-service.ts';

const at = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const cloud: CloudPlan = { keep: [], customerKey: false, maxConcurrency: 50 };

const deleted = (overrides: Partial<DeletedStack> = {}): DeletedStack => ({
  at: '2026-11-17T13:00:00.000Z',
  resources: [],
  template: { retained: new Set(), selfLogging: new Set() },
  ...overrides,
});

const resource = (logicalId: string, physicalId: string, type: string, status = 'DELETE_COMPLETE') => ({
  logicalId,
  physicalId,
  type,
  status,
});

describe('the leftovers of a stack', () => {
  it('are orphans, each with its remedy, unless the config asked to keep them', () => {
    const tagged = [at('sqs', 'shop-Work'), at('dynamodb', 'table/shop-Table'), 'arn:aws:s3:::shop-bucket'];
    const found = sortLeftovers(tagged, deleted(), { ...cloud, keep: ['table'] });
    expect(found.kept).toEqual([at('dynamodb', 'table/shop-Table')]);
    expect(found.orphans).toEqual([
      { what: 'arn:aws:s3:::shop-bucket', remedy: 'empty it in the console, then: aws s3 rb s3://shop-bucket' },
      { what: at('sqs', 'shop-Work'), remedy: expect.stringContaining('aws sqs delete-queue') },
    ]);
    expect(sortLeftovers(tagged, deleted(), cloud).orphans).toHaveLength(3);
  });

  it('are no orphans where CloudFormation has deleted them and the index of tags runs behind', () => {
    const tagged = [at('lambda', 'function:shop-Probe'), at('kms', 'key/1-2')];
    const resources = [
      resource('Probe', 'shop-Probe', 'AWS::Lambda::Function'),
      resource('Key', '1-2', 'AWS::KMS::Key', 'DELETE_SKIPPED'),
    ];
    const found = sortLeftovers(tagged, deleted({ resources }), cloud);
    expect(found.fading).toEqual([at('lambda', 'function:shop-Probe')]);
    expect(found.orphans.map(({ what }) => what)).toEqual([at('kms', 'key/1-2')]);
  });

  it('may be log groups that Lambda made by itself, and roles that stayed: no tag shows those', () => {
    const resources = [
      resource('Probe', 'shop-Probe', 'AWS::Lambda::Function'),
      resource('Judge', 'shop-Judge', 'AWS::Lambda::Function'),
      resource('Role', 'shop-Role', 'AWS::IAM::Role', 'DELETE_SKIPPED'),
      resource('Other', 'shop-Other', 'AWS::IAM::Role'),
    ];
    const template = { retained: new Set<string>(), selfLogging: new Set(['Judge']) };
    const { unseen, orphans } = sortLeftovers([], deleted({ resources, template }), cloud);
    expect(unseen.map(({ what }) => what)).toEqual(['log group /aws/lambda/shop-Judge', 'role shop-Role']);
    expect(orphans).toEqual([]);
  });
});

describe('the search by tag', () => {
  const tagged = (arn: string, stack: string): TaggedResource => ({ arn, tags: { [tagNames.stack]: stack } });

  it('reads every page, and takes the tag of this stack alone', async () => {
    const own = Array.from({ length: 250 }, (_, n) => at('sqs', `shop-${n}`));
    const others = [tagged(at('sqs', 'other'), 'plimsoll-other'), { arn: at('sqs', 'bare'), tags: {} }];
    const service = await startTaggingService([...others, ...own.map((arn) => tagged(arn, 'plimsoll-shop'))], 100);
    onTestFinished(service.close);
    const config = {
      endpoint: service.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    };
    const deps = {
      cloudformation: new CloudFormationClient(config),
      tagging: new ResourceGroupsTaggingAPIClient(config),
    };
    expect(await readTagged(deps, 'plimsoll-shop')).toEqual(own);
    expect(service.pages()).toBe(3);
    expect(await readTagged(deps, 'plimsoll-none')).toEqual([]);
  });
});
