import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import type { Emulator } from './emulator.ts';

/**
 * A client for GetMetricData, GetMetricStatistics and DescribeAlarmHistory. The emulator answers these well in XML only; the
 * SDK's default protocol, which production uses, is right for everything else.
 */
export const openMetricReader = ({ clientConfig }: Pick<Emulator, 'clientConfig'>): CloudWatchClient =>
  new CloudWatchClient({ ...clientConfig, protocol: AwsQueryProtocol });
