import { expect, test } from 'vitest';
import { parseOptions } from '../../examples/notes-server/options.ts';

test('without flags everything stands at its default, and the token comes from the environment when it is set', () => {
  expect(parseOptions([], {})).toEqual({ kind: 'options', options: { token: 'probe-token', faults: {} } });
  expect(parseOptions([], { PLIMSOLL_TOKEN: 'from-env' })).toMatchObject({ options: { token: 'from-env' } });
  expect(parseOptions(['--token', 'flag'], { PLIMSOLL_TOKEN: 'env' })).toMatchObject({ options: { token: 'flag' } });
});

test('every flag reaches its option', () => {
  const argv =
    '--port 0 --host ::1 --data d --seed --secure-cookies --ws-auth --session-ttl-ms 1 --login-limit 2 --login-window-ms 3' +
    ' --rule-run-ms 0 --agent-answer-ms 5 --fault lose-acked-writes=3 --fault slow-start=250 --fault drift-projection' +
    ' --fault accept-stale-ack --fault replay-gap';
  expect(parseOptions(argv.split(' '), {})).toEqual({
    kind: 'options',
    options: {
      port: 0,
      host: '::1',
      dataDir: 'd',
      seed: true,
      token: 'probe-token',
      secureCookies: true,
      wsAuth: true,
      sessionTtlMs: 1,
      loginLimit: 2,
      loginWindowMs: 3,
      ruleRunMs: 0,
      agentAnswerMs: 5,
      faults: {
        loseAckedWrites: 3,
        slowStartMs: 250,
        driftProjection: true,
        acceptStaleAck: true,
        replayGap: true,
      },
    },
  });
});

test.each([
  [['--nope'], "unknown option '--nope'"],
  [['extra'], 'too many arguments'],
  [['--port', 'abc'], 'want a whole number from 0 to 65535'],
  [['--port', '-1'], 'want a whole number from 0 to 65535'],
  [['--login-limit', '0'], 'want a whole number from 1'],
  [['--token', ''], 'want some text'],
  [['--fault', 'bogus'], 'want one of lose-acked-writes=N, slow-start=MS, drift-projection'],
  [['--fault', 'slow-start'], 'want a whole number from 1'],
  [['--fault', 'lose-acked-writes=x'], 'want a whole number from 1'],
  [['--fault', 'replay-gap=2'], 'replay-gap takes no value'],
])('%j is refused in one sentence', (argv, text) => {
  const parsed = parseOptions(argv, {});
  expect(parsed).toEqual({ kind: 'problem', problem: expect.stringContaining(text) });
  expect(parsed.kind === 'problem' && parsed.problem).not.toContain('\n');
});

test('--help lists every fault', () => {
  const parsed = parseOptions(['--help'], {});
  const text = parsed.kind === 'help' ? parsed.text.replace(/\s+/g, ' ') : '';
  expect(text).toContain('lose-acked-writes=N, slow-start=MS, drift-projection, accept-stale-ack, replay-gap');
});
