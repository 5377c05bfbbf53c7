import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RemovalLook, removeStack } from '../../lib/aws/removal.ts';
import { type Scene, startRemovedStack } from '../support/removed-stack.ts';

/** The looks at a removal that goes through these scenes, with the pauses between them. */
const watch = async (scenes: readonly Scene[], signal = new AbortController().signal) => {
  const stack = await startRemovedStack(scenes);
  onTestFinished(stack.close);
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
  const cloudformation = new CloudFormationClient({ endpoint: stack.url, region: 'eu-central-1', credentials });
  const [looks, pauses]: [RemovalLook[], number[]] = [[], []];
  const clock = { sleep: async (ms: number) => void pauses.push(ms) };
  for await (const look of removeStack({ cloudformation, clock, signal }, stack.id)) looks.push(look);
  return { looks, pauses, actions: stack.actions };
};

const going = (...statuses: readonly string[]): Scene => ({
  status: 'DELETE_IN_PROGRESS',
  resources: Object.fromEntries(statuses.map((status, n) => [`R${n}`, status])),
});

describe('the removal of a stack', () => {
  it('is told look by look until it is over, at growing pauses', async () => {
    const { looks, pauses, actions } = await watch([
      going('CREATE_COMPLETE', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS'),
      going('CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'),
      { ...going('DELETE_SKIPPED', 'DELETE_COMPLETE', 'DELETE_COMPLETE'), status: 'DELETE_COMPLETE' },
    ]);
    expect(looks.map(({ done, total, current }) => [done, total, current])).toEqual([
      [0, 3, ['R2']],
      [1, 3, ['R1']],
      [3, 3, []],
    ]);
    expect(pauses).toEqual([500, 750, 1125]);
    expect(actions.filter((action) => action === 'DeleteStack')).toEqual(['DeleteStack']);
  });

  it('ends with what would not go, each with the newest reason', async () => {
    const { looks } = await watch([
      going('DELETE_IN_PROGRESS', 'DELETE_COMPLETE'),
      {
        ...going('DELETE_FAILED', 'DELETE_COMPLETE'),
        status: 'DELETE_FAILED',
        events: [
          ['plimsoll-shop', 'DELETE_FAILED', 'The following resource(s) failed to delete: [R0].'],
          ['R0', 'DELETE_FAILED', 'The bucket you tried to delete is not empty'],
          ['R1', 'DELETE_COMPLETE', ''],
          ['R0', 'DELETE_FAILED', 'an earlier one'],
          ['R1', 'DELETE_FAILED', 'until it went'],
        ],
      },
    ]);
    expect(looks.at(-1)).toMatchObject({ status: 'DELETE_FAILED', done: 1, total: 2 });
    expect(looks.at(-1)?.failed).toEqual([
      { logicalId: 'R0', type: 'AWS::S3::Bucket', reason: 'The bucket you tried to delete is not empty' },
    ]);
  });

  it('is not followed any longer once the signal aborts', async () => {
    const interrupt = new AbortController();
    interrupt.abort(new Error('SIGINT'));
    await expect(watch([going('DELETE_IN_PROGRESS')], interrupt.signal)).rejects.toThrow('SIGINT');
  });
});
