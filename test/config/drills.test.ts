import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import { planOf } from '../support/probing.ts';

const ledger = {
  write: { request: { method: 'PUT', url: 'https://a.example/{{entry.id}}' } },
  read: { request: { url: 'https://a.example/{{entry.id}}' }, absent: { status: 404 } },
};
const identity = { url: 'https://a.example/identity', boot: '$.boot' };
const target = { start: ['node', 'main.ts'], identity, ledger };
const drill = { id: 'restart', target: 'notes', restart: { kind: 'process' }, rto: '30s', rpo: '0s' };

const configOf = (targets: object, drills: readonly object[] = [drill]): object => ({
  service: 'notes',
  variables: { baseUrl: { default: 'https://a.example' }, wsUrl: {}, token: { secret: true } },
  probes: [{ id: 'api', kind: 'http', steps: [{ request: { url: 'https://a.example' } }] }],
  targets,
  drills,
});
const complaints = (config: object): readonly string[] => {
  const result = parseConfig(config);
  return result.ok
    ? []
    : result.problems.map(({ path, message, remedy }) => `${path}: ${message}${remedy ? ` | ${remedy}` : ''}`);
};
const withDrill = (more: object) => configOf({ notes: target }, [{ ...drill, ...more }]);
const withTarget = (more: object) => configOf({ notes: { ...target, ...more } });
const withLedger = (more: object) => withTarget({ ledger: { ...ledger, ...more } });
const drillOf = (more: object) => planOf(withDrill(more)).drills[0];
const targetOf = (config: object) => planOf(config).targets.notes;

describe('a drill in the config', () => {
  it('has a default for all that it does not say', () => {
    expect(drillOf({})).toEqual({
      id: 'restart',
      target: 'notes',
      severity: 'ticket',
      restart: { kind: 'process', signal: 'SIGKILL' },
      rtoMs: 30_000,
      rpoMs: 0,
      seeds: 20,
      streak: 3,
      everyMs: 250,
      maxOutageMs: 120_000,
      minIntervalMs: 0,
      windows: [],
      blockedBy: 'all',
      clockSkewMs: 2000,
    });
    expect(drillOf({ rto: '5s' })?.maxOutageMs).toBe(60_000);
  });

  it('says all of it', () => {
    const said = {
      schedule: { every: '7d' },
      severity: 'page',
      runbook: 'https://wiki.example/drills',
      seeds: 5,
      streak: 2,
      every: '100ms',
      maxOutage: '3m',
      minInterval: '1d',
      windows: [{ cron: '0 2 * * 0', timezone: 'Europe/Berlin', for: '2h' }],
      blockedBy: ['api'],
      clockSkew: '0s',
    };
    expect(drillOf(said)).toMatchObject({
      schedule: { kind: 'every', everyMs: 7 * 86_400_000 },
      severity: 'page',
      runbook: 'https://wiki.example/drills',
      seeds: 5,
      streak: 2,
      everyMs: 100,
      maxOutageMs: 180_000,
      minIntervalMs: 86_400_000,
      windows: [{ expression: '0 2 * * 0', timezone: 'Europe/Berlin', forMs: 7_200_000 }],
      blockedBy: ['api'],
      clockSkewMs: 0,
    });
  });

  it.each([
    [
      { kind: 'process', signal: 'SIGTERM' },
      { kind: 'process', signal: 'SIGTERM' },
    ],
    [
      { kind: 'webhook', url: '{{baseUrl}}/restart', headers: { A: 1 }, secret: '{{token}}' },
      { kind: 'webhook', url: '{{baseUrl}}/restart', headers: { a: '1' }, secret: '{{token}}' },
    ],
    [
      { kind: 'webhook', url: 'https://a.example' },
      { kind: 'webhook', url: 'https://a.example', headers: {} },
    ],
    [
      { kind: 'ecs', cluster: 'c', service: 's' },
      { kind: 'ecs', cluster: 'c', service: 's', how: 'forceNewDeployment' },
    ],
    [
      { kind: 'ecs', cluster: 'c', service: 's', how: 'stopTask' },
      { kind: 'ecs', cluster: 'c', service: 's', how: 'stopTask' },
    ],
    [
      { kind: 'ec2', tag: 'app=notes' },
      { kind: 'ec2', instanceTag: { key: 'app', value: 'notes' } },
    ],
    [
      { kind: 'ssm', tag: 'app=a=b', command: 'systemctl restart notes' },
      { kind: 'ssm', instanceTag: { key: 'app', value: 'a=b' }, command: 'systemctl restart notes' },
    ],
    [
      { kind: 'lambda', function: 'restarter' },
      { kind: 'lambda', functionName: 'restarter', payload: {} },
    ],
    [
      { kind: 'lambda', function: 'restarter', payload: { hard: true } },
      { kind: 'lambda', functionName: 'restarter', payload: { hard: true } },
    ],
    [
      { kind: 'fis', template: 'EXT1' },
      { kind: 'fis', template: 'EXT1' },
    ],
  ])('restarts by %j', (restart, plan) => {
    expect(drillOf({ restart })?.restart).toEqual(plan);
  });

  const kinds = 'process, webhook, ecs, ec2, ssm, lambda, fis';
  it.each<[object, string]>([
    [{ restart: { kind: 'ecss' } }, `drills[0].restart.kind: must be one of ${kinds} | did you mean \`ecs\`?`],
    [{ restart: {} }, 'drills[0].restart.kind: is missing'],
    [{ restart: { kind: 'process', pid: 7 } }, 'drills[0].restart.pid: unknown key `pid` in a restart'],
    [{ restart: { kind: 'process', signal: 'KILL' } }, 'drills[0].restart.signal: must be one of SIGKILL, SIGTERM'],
    [
      { restart: { kind: 'fis', template: 'x', signal: 'SIGKILL' } },
      'drills[0].restart.signal: is no part of a restart by fis | remove it; known keys: template',
    ],
    [{ restart: { kind: 'webhook' } }, 'drills[0].restart.url: is missing: a restart by webhook needs it'],
    [{ restart: { kind: 'webhook', url: 'ws://a' } }, 'drills[0].restart.url: must be http or https'],
    [{ restart: { kind: 'webhook', url: '{{nowhere}}/x' } }, 'drills[0].restart.url: {{nowhere}} is no variable'],
    [{ restart: { kind: 'ecs', cluster: 'c' } }, 'drills[0].restart.service: is missing: a restart by ecs needs it'],
    [
      { restart: { kind: 'ecs', cluster: 'c', service: 's', how: 'reboot' } },
      'drills[0].restart.how: must be one of forceNewDeployment, stopTask',
    ],
    [{ restart: { kind: 'ec2', tag: 'app' } }, 'drills[0].restart.tag: is no tag'],
    [{ restart: { kind: 'ssm', tag: 'a=b' } }, 'drills[0].restart.command: is missing: a restart by ssm needs it'],
    [{ restart: { kind: 'lambda' } }, 'drills[0].restart.function: is missing: a restart by lambda needs it'],
    [{ severity: 'loud' }, 'drills[0].severity: must be one of page, ticket, none'],
    [{ runbook: 'wiki' }, 'drills[0].runbook: '],
    [{ seeds: 0 }, 'drills[0].seeds: must be at least 1'],
    [{ streak: 1.5 }, 'drills[0].streak: must be a whole number'],
    [{ every: '10ms' }, 'drills[0].every: must be at least 50ms'],
    [{ maxOutage: '10s' }, 'drills[0].maxOutage: is shorter than the rto'],
    [{ windows: [] }, 'drills[0].windows: is an empty list'],
    [{ windows: [{ cron: '0 25 * * *', for: '1h' }] }, 'drills[0].windows[0].cron: '],
    [{ windows: [{ cron: '0 2 * * *', for: '1s' }] }, 'drills[0].windows[0].for: must be at least 1m'],
    [{ windows: [{ cron: '0 2 * * *', timezone: 'Mars', for: '1h' }] }, 'drills[0].windows[0].timezone: '],
    [{ blockedBy: ['apo'] }, 'drills[0].blockedBy[0]: is no probe | did you mean `api`?'],
    [{ blockedBy: 'none' }, 'drills[0].blockedBy: must be'],
    [{ clockSkew: 'some' }, 'drills[0].clockSkew: '],
    [{ blockedby: [] }, 'drills[0].blockedby: unknown key `blockedby` in a drill | did you mean `blockedBy`?'],
  ])('is refused with %j', (more, complaint) => {
    expect(complaints(withDrill(more)).join('\n')).toContain(complaint);
    expect(complaints(withDrill(more))).toHaveLength(1);
  });

  const arn = 'arn:aws:ecs:eu-west-1:111122223333:';
  const byArn = 'is an ARN | write its name: it is looked up in the account and the Region of the stack';
  it.each<[object, string, string]>([
    [{ kind: 'ecs', cluster: `${arn}cluster/shop`, service: 'notes' }, 'cluster', byArn],
    [{ kind: 'ecs', cluster: 'shop', service: `${arn}service/shop/notes` }, 'service', byArn],
    [{ kind: 'ecs', cluster: 'shop/notes', service: 'notes' }, 'cluster', 'is not the name of an ECS cluster'],
    [{ kind: 'ecs', cluster: 'shop', service: '' }, 'service', 'is not the name of an ECS service'],
    [{ kind: 'lambda', function: 'arn:aws:lambda:eu-west-1:111122223333:function:x' }, 'function', byArn],
    [{ kind: 'lambda', function: ' ARN:aws-cn:lambda:x' }, 'function', byArn],
    // What Lambda calls a partial ARN, and a name with its alias.
    [{ kind: 'lambda', function: '111122223333:function:x' }, 'function', 'is not the name of a Lambda function'],
    [{ kind: 'lambda', function: 'x:live' }, 'function', 'is not the name of a Lambda function'],
    [{ kind: 'lambda', function: '{{baseUrl}}' }, 'function', 'is not the name of a Lambda function'],
    [{ kind: 'fis', template: 'arn:aws:fis:eu-west-1:111122223333:experiment-template/EXT1' }, 'template', byArn],
    [{ kind: 'fis', template: '../experiments' }, 'template', 'is not the name of an experiment template of FIS'],
    [{ kind: 'ec2', tag: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1' }, 'tag', 'is an ARN | instances are found'],
    [{ kind: 'ssm', command: 'x', tag: 'arn:aws:ec2:a:1:instance/i=1' }, 'tag', 'is an ARN | instances are found'],
  ])('restarts nothing that is not named: %j', (restart, key, complaint) => {
    expect(complaints(withDrill({ restart }))).toEqual([
      expect.stringContaining(`drills[0].restart.${key}: ${complaint}`),
    ]);
  });

  it('finds instances by a tag whose value is an ARN: it is what they bear', () => {
    const stack = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/notes/1';
    const restart = { kind: 'ec2', tag: `aws:cloudformation:stack-id=${stack}` };
    expect(drillOf({ restart })?.restart).toEqual({
      kind: 'ec2',
      instanceTag: { key: 'aws:cloudformation:stack-id', value: stack },
    });
  });

  it.each<[string, object, readonly string[]]>([
    ['no list of probes', {}, []],
    ['an empty one', { probes: [] }, []],
    ['no drill either', { drills: undefined }, ['probes: is missing | write at least one probe, or drills']],
    [
      'nothing in any list',
      { probes: [], drills: [] },
      ['probes: is an empty list | write at least one probe, or drills'],
    ],
    [
      'probes that are all wrong',
      { probes: [{ id: 'a', kind: 'http', steps: 7 }], drills: [] },
      ['probes[0].steps: must be a list'],
    ],
    [
      'a gate that looks at one',
      { drills: [{ ...drill, blockedBy: ['api'] }] },
      ['drills[0].blockedBy[0]: is no probe | write the id of a probe'],
    ],
  ])('of a config with %s', (_, more, expected) => {
    const { probes: _probes, ...rest } = configOf({ notes: target }) as Record<string, unknown>;
    expect(complaints({ ...rest, ...more })).toEqual(expected);
  });

  it.each<[string, object, string]>([
    [
      'identity',
      { start: ['x'], ledger },
      'has no identity: nothing could prove that it was restarted | write targets.',
    ],
    [
      'ledger',
      { start: ['x'], identity },
      'has no ledger: nothing could be lost, for nothing is written | write targets.',
    ],
    ['start command', { identity, ledger }, 'has no start command, and only a process that the drill has started'],
  ])('of a target without %s is refused', (_, notes, complaint) => {
    expect(complaints(configOf({ notes }))).toEqual([expect.stringContaining(`drills[0].target: ${complaint}`)]);
  });

  it('does not miss what is only written wrong', () => {
    expect(complaints(configOf({ notes: { ...target, identity: 7 } }))).toEqual([
      expect.stringContaining('targets.notes.identity: must be an object'),
    ]);
  });

  it('by another kind needs no start command', () => {
    const restart = { kind: 'fis', template: 'x' };
    expect(complaints(configOf({ notes: { identity, ledger } }, [{ ...drill, restart }]))).toEqual([]);
  });
});

describe('a target in the config', () => {
  it('has a default for all that it does not say', () => {
    expect(targetOf(configOf({ notes: {} }, []))).toEqual({ env: {}, tag: { key: 'drill', value: 'allowed' } });
    expect(targetOf(withTarget({}))?.ledger).toMatchObject({ streams: [], projections: [], ratePerS: 5 });
    expect(targetOf(withTarget({}))?.identity).toEqual({ ...identity, headers: {}, format: 'json' });
  });

  it('says how it is started, and by which tag it is allowed', () => {
    const said = targetOf(withTarget({ env: { PORT: 8080, URL: '{{baseUrl}}' }, tag: 'chaos = yes' }));
    expect(said).toMatchObject({
      env: { PORT: '8080', URL: '{{baseUrl}}' },
      tag: { key: 'chaos', value: 'yes' },
    });
  });

  it('may say who it is in metrics', () => {
    const url = 'https://a.example/metrics';
    const metric = { url, startedAt: 'process_start_time_seconds' };
    expect(targetOf(withTarget({ identity: metric }))?.identity).toEqual({
      ...metric,
      headers: {},
      format: 'prometheus',
    });
  });

  it('lists in pages, follows streams and has read models', () => {
    const request = { url: 'https://a.example/all' };
    const said = targetOf(
      withLedger({
        list: { request, ids: '$[*].id', next: { query: 'after', json: '$.next' } },
        streams: ['workspace:1'],
        follow: { url: '{{wsUrl}}', headers: { A: 'b' }, codec: 'notes' },
        projections: [
          { request, expect: { status: 200 } },
          { name: 'sums', request, expect: { status: 200 } },
        ],
        rate: 4,
      }),
    )?.ledger;
    expect(said).toMatchObject({
      list: { ids: '$[*].id', next: { query: 'after', path: '$.next' } },
      follow: {
        url: '{{wsUrl}}',
        headers: { a: 'b' },
        codec: { name: 'notes' },
        from: 0,
        sparse: false,
        staleAck: 'any',
        quietMs: 1000,
      },
      ratePerS: 4,
    });
    expect(said?.projections.map(({ name }) => name)).toEqual(['projection 1', 'sums']);
  });

  it('follows streams as it says', () => {
    const subscribe = { type: 'sub', stream: '{{op.stream}}', cursor: '{{op.cursor}}' };
    const follow = {
      url: 'wss://a.example',
      codec: { json: { operations: { subscribe } } },
      from: '$',
      sparse: true,
      staleAck: 'STALE',
      quiet: '2s',
    };
    expect(targetOf(withLedger({ follow }))?.ledger?.follow).toMatchObject({
      codec: { name: 'json', dialect: { operations: { subscribe } } },
      from: '$',
      sparse: true,
      staleAck: 'STALE',
      quietMs: 2000,
    });
  });

  const request = { url: 'https://a.example/all' };
  it.each<[object, string]>([
    [{ env: { 'A-B': 'x' } }, 'targets.notes.env.A-B: is not the name of an environment variable'],
    [{ env: { A: '{{nobody}}' } }, 'targets.notes.env.A: {{nobody}} is no variable'],
    [{ tag: 'drill' }, 'targets.notes.tag: is no tag'],
    [{ identity: { url: 'https://a.example' } }, 'targets.notes.identity: tells no two starts apart'],
    [{ identity: { ...identity, boot: 'boot id' } }, 'targets.notes.identity.boot: is not a JSONPath'],
    [
      { identity: { ...identity, startedAt: 'process_start_time_seconds' } },
      'targets.notes.identity.boot: is not the name of a metric',
    ],
    [{ identity: { ...identity, format: 'xml' } }, 'targets.notes.identity.format: must be one of json, prometheus'],
    [
      { ledger: { ...ledger, write: { request: { method: 'POST', url: 'https://a.example' } } } },
      'targets.notes.ledger.write.request: never says {{entry.id}}, and so all entries are the same',
    ],
    [
      { ledger: { ...ledger, write: { ...ledger.write, capture: { baseUrl: '$.id' } } } },
      'targets.notes.ledger.write.capture: captures `baseUrl`, which is the name of a variable',
    ],
    [{ ledger: { ...ledger, list: { request } } }, 'targets.notes.ledger.list: lists no ids'],
    [
      { ledger: { ...ledger, list: { request: { url: 'https://a.example/{{entry.id}}' }, ids: '$' } } },
      'targets.notes.ledger.list.request.url: {{entry.id}} is no variable',
    ],
    [{ ledger: { ...ledger, list: { request, ids: 'ids' } } }, 'targets.notes.ledger.list.ids: is not a JSONPath'],
    [{ ledger: { ...ledger, projections: [{ request }] } }, 'targets.notes.ledger.projections[0]: expects nothing'],
    [
      { ledger: { ...ledger, projections: [1, 2].map(() => ({ name: 'a', request, expect: { status: 200 } })) } },
      'targets.notes.ledger.projections[1].name: is the name of another projection',
    ],
    [{ ledger: { ...ledger, rate: 0 } }, 'targets.notes.ledger.rate: must be from one a minute to 50 a second'],
    [
      { ledger: { ...ledger, follow: { url: 'https://a.example', codec: 'notes' } } },
      'targets.notes.ledger.follow.url: must be ws or wss',
    ],
    [
      { ledger: { ...ledger, follow: { url: '{{wsUrl}}' } } },
      'targets.notes.ledger.follow.codec: codec `json` has no words for `subscribe`',
    ],
    [
      {
        ledger: {
          ...ledger,
          follow: {
            url: '{{wsUrl}}',
            codec: { json: { operations: { subscribe: { as: '{{me}}', from: '{{op.cursor}}' } } } },
          },
        },
      },
      'targets.notes.ledger.follow.codec.json.operations.subscribe.as: {{me}} is no variable',
    ],
    [
      { ledger: { ...ledger, follow: { url: '{{wsUrl}}', codec: 'notes', stale: 'x' } } },
      'targets.notes.ledger.follow.stale: unknown key `stale` in follow',
    ],
  ])('is refused with %j', (more, complaint) => {
    const said = complaints(configOf({ notes: { ...target, ...more } }, []));
    expect(said.join('\n')).toContain(complaint);
    expect(said).toHaveLength(1);
  });
});
