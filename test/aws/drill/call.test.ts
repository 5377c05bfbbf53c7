import { describe, expect, it } from 'vitest';
import { readDrillCall } from '../../../lib/aws/drill/call.ts';

const execution = 'arn:aws:states:eu-west-1:1:execution:drills:run-1';
const request = {
  drillId: 'restart',
  runId: 'run-1',
  requester: 'ann',
  reason: 'a test',
  dryRun: true,
  trigger: 'demand',
};
const input = { drill: 'restart', run: 'run-1', request };

describe('what a function of drills is invoked with', () => {
  it('is a state of a run, as the machine spells it', () => {
    expect(readDrillCall({ state: 'SeedState', ...input, execution })).toEqual({
      ok: true,
      value: { kind: 'step', state: 'SeedState', request, execution },
    });
  });

  it('needs no more of a request than the drill and the run: the input names them, and nothing else can', () => {
    const forged = {
      ...input,
      request: { drillId: 'other', runId: 'other', dryRun: 'yes', trigger: 'x', arn: 'arn:' },
    };
    expect(readDrillCall({ state: 'SeedState', ...forged, execution })).toMatchObject({
      value: { request: { drillId: 'restart', runId: 'run-1', requester: '', dryRun: false, trigger: 'demand' } },
    });
  });

  it('is an execution that ended, with the run of its input where that can be read', () => {
    const event = (text: string) => ({
      source: 'aws.states',
      detail: { executionArn: execution, status: 'ABORTED', input: text },
    });
    const ended = { kind: 'ended', execution, status: 'ABORTED' };
    expect(readDrillCall(event(JSON.stringify(input)))).toEqual({ ok: true, value: { ...ended, request } });
    for (const text of ['', '{', '7', '{"drill":"a b","run":"x"}'])
      expect(readDrillCall(event(text))).toEqual({ ok: true, value: ended });
  });

  it.each([
    [undefined, /no state of a drill/],
    [{ state: 'Verdict', ...input, execution }, /no state of a drill: Verdict/],
    [{ state: 'SeedState', ...input }, /names no execution/],
    [{ state: 'SeedState', drill: 'restart', run: '../x', execution }, /drill and run of the input must be/],
    [{ source: 'aws.states', detail: {} }, /names no execution/],
  ])('is nothing else: %o', (event, message) => {
    expect(readDrillCall(event)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });
});
