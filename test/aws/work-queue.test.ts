import { afterEach, describe, expect, it } from 'vitest';
import { openClients } from '../../lib/aws/clients.ts';
import { openWorkQueue } from '../../lib/aws/work-queue.ts';
import { cloudPlan, messageOf } from '../support/cloud-ground.ts';
import { bodyOf, json, startHttpTarget, type Target } from '../support/http-target.ts';

type Call = { readonly Entries: readonly { readonly Id: string; readonly DelaySeconds: number }[] };

const probe = { id: 'a', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] };
const message = messageOf(cloudPlan({ probes: [probe] }));

describe('the work queue', () => {
  let sqs: Target | undefined;
  afterEach(() => sqs?.close());

  /** A stand-in of SQS: `answer` says which entries of a call fail. */
  const open = async (answer: (call: Call) => readonly object[]) => {
    const calls: Call[] = [];
    sqs = await startHttpTarget(async (request, response) => {
      const call = JSON.parse(await bodyOf(request)) as Call;
      calls.push(call);
      json(response, 200, { Successful: [], Failed: answer(call) }, { 'content-type': 'application/x-amz-json-1.0' });
    });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const clients = openClients({ endpoint: sqs.url, region: 'us-east-1', credentials });
    const queue = openWorkQueue(
      { sqs: clients.sqs, queueUrl: `${sqs.url}/queue` },
      { sleep: async () => {}, random: () => 0, log: () => {} },
    );
    return { queue, calls };
  };

  it('takes ten messages a call, each with its delay', async () => {
    const { queue, calls } = await open(() => []);
    await queue.send(Array.from({ length: 23 }, (_, n) => ({ message, delayS: n })));
    expect(calls.map(({ Entries }) => Entries.length).toSorted()).toEqual([10, 10, 3]);
    expect(
      calls.flatMap(({ Entries }) => Entries.map(({ DelaySeconds }) => DelaySeconds)).toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: 23 }, (_, n) => n));
  });

  it('takes no more than a mebibyte a call', async () => {
    const { queue, calls } = await open(() => []);
    const large = { ...message, service: { ...message.service, service: 'x'.repeat(300_000) } };
    await queue.send(Array.from({ length: 4 }, () => ({ message: large, delayS: 0 })));
    expect(calls.map(({ Entries }) => Entries.length).toSorted()).toEqual([1, 3]);
  });

  it('sends an entry again that failed on the other side, until it is taken', async () => {
    let failures = 2;
    const fail = { Id: '1', Code: 'InternalError', SenderFault: false };
    const { queue, calls } = await open(({ Entries }) => (Entries.length > 1 && failures-- > 0 ? [fail] : []));
    await queue.send([0, 1].map((delayS) => ({ message, delayS })));
    expect(calls.map(({ Entries }) => Entries.length)).toEqual([2, 1]);
    expect(calls[1]?.Entries[0]?.DelaySeconds).toBe(1);
  });

  it('says which runs were not taken, and why', async () => {
    const { queue } = await open(() => [{ Id: '0', Code: 'BadValue', Message: 'no', SenderFault: true }]);
    await expect(queue.send([{ message, delayS: 0 }])).rejects.toThrow(
      `these runs could not be put into the work queue: a of ${message.items[0]?.slot}: BadValue: no`,
    );
  });
});
