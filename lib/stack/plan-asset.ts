import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { DeployedPlan } from '../dispatch/deployed.ts';

/** `-c aws:cdk:disable-asset-staging`, of `cdk synth --no-staging`: the file stays where it was written. */
const unstaged = 'aws:cdk:disable-asset-staging';

/** The plan, as an object named by its hash, and a parameter that says where it is. A probe more changes these alone. */
export class PlanAsset extends Construct {
  readonly parameter: StringParameter;
  /** ARN of every object that may be the plan: of this deploy, and of the one before while functions still know it. */
  readonly objectArns: string;

  constructor(scope: Construct, id: string, deployed: DeployedPlan) {
    super(scope, id);
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-plan-'));
    const file = join(folder, 'plan.json');
    writeFileSync(file, JSON.stringify(deployed));
    const asset = new Asset(this, 'Asset', { path: file, displayName: 'Plimsoll plan' });
    if (!this.node.tryGetContext(unstaged)) rmSync(folder, { recursive: true });
    const { s3ObjectKey, assetHash, bucket } = asset;
    this.objectArns = bucket.arnForObjects(s3ObjectKey.replace(assetHash, '*'));
    this.parameter = new StringParameter(this, 'Parameter', {
      parameterName: `/plimsoll/${Stack.of(this).stackName}/plan`,
      // Said for a nested stack, whose name CDK does not know.
      simpleName: false,
      description: 'Where the plan of Plimsoll is.',
      stringValue: asset.s3ObjectUrl,
    });
  }
}
