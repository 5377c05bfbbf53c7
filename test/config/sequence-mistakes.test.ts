import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import { complaints, configOf, type Fields, fullCodec, open, openAs, withSteps } from './sequence-support.ts';

const replay = (more: Fields): Fields => ({
  replay: { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'], ...more },
});
const idempotent = (more: Fields): Fields => ({
  idempotent: { send: { text: 'x', answer: { a: 1 } }, events: { match: { b: 1 } }, ...more },
});
const soak = (more: Fields, ...steps: readonly unknown[]): Fields => ({
  soak: { iterations: 2, steps: steps.length > 0 ? steps : [{ send: { text: 'x' } }], ...more },
});
const say = { send: { text: 'x' } };

describe('a step is refused for', () => {
  it.each<[string, unknown, string]>([
    ['two marks', { mark: 'a', send: { text: 'x', mark: 'b' } }, 'send.mark: the step has a mark already'],
    ['an empty mark', { mark: ' ', quiet: '1s' }, 'mark: is empty'],
    ['sending nothing', { send: {} }, 'send: sends nothing'],
    [
      'sending two things',
      { send: { text: 'x', ack: { stream: 'x', cursor: 1 } } },
      'send: sends one thing at a time: it has text and ack',
    ],
    ['publishing nothing', { send: { publish: { stream: 'x' } } }, 'send.publish.payload: is missing'],
    ['a subscription to nothing', { send: { subscribe: {} } }, 'send.subscribe.stream: is missing'],
    [
      'a cursor that is an object',
      { send: { ack: { stream: 'x', cursor: {} } } },
      'send.ack.cursor: must be text, or a number',
    ],
    [
      'a handshake of another kind',
      { connect: { url: 'wss://a.example', handshake: 'none' } },
      'connect.handshake: must be one of auto, manual',
    ],

    ['no connection in the list', { expect: { as: [], one: {} } }, 'expect.as: is an empty list'],
    ['a connection twice', { expect: { as: ['main', 'main'], one: {} } }, 'expect.as[1]: stands here twice'],
    ['an empty list without order', { expect: { unordered: [] } }, 'expect.unordered: is an empty list'],
    [
      'an empty pattern without order',
      { expect: { unordered: [{ a: 1 }, {}] } },
      'expect.unordered[1]: is an empty pattern, which every frame matches',
    ],
    ['an order of what has none', { expect: { one: {}, by: 'sequence' } }, 'expect.by: belongs to `inOrder`'],
    ['a group of one', { expect: { one: {}, groupBy: '$id' } }, 'expect.groupBy: belongs to `inOrder`'],
    [
      'contiguity of one',
      { expect: { unordered: [{ a: 1 }], contiguous: true } },
      'expect.contiguous: belongs to `inOrder`',
    ],
    ['another order', { expect: { inOrder: [{}], by: 'time' } }, 'expect.by: must be one of arrival, sequence'],
    [
      'a group by a bad path',
      { expect: { inOrder: [{}], groupBy: '$.[' } },
      'expect.groupBy: is not a JSONPath: at column 3, "["',
    ],
    [
      'a group by a slip',
      { expect: { inOrder: [{}], groupBy: '$idd' } },
      'expect.groupBy: is neither a field of a message nor a JSONPath',
    ],
    [
      'a count until anything',
      { expect: { count: { match: {}, min: 1, until: {} } } },
      'expect.count.until: is an empty pattern, which every frame matches',
    ],
    [
      'a quiet beyond its window',
      { expect: { within: '2s', count: { match: {}, min: 1, until: { quiet: '3s' } } } },
      'expect.count.until.quiet: is longer than the step waits',
    ],
    [
      'a quiet that is no text',
      { expect: { count: { match: {}, min: 1, until: { quiet: 500 } } } },
      'expect.count.until.quiet: must be a duration',
    ],
    [
      'a quiet that is no duration',
      { expect: { count: { match: {}, min: 1, until: { quiet: 'soon' } } } },
      'expect.count.until.quiet: is not a duration',
    ],
    [
      'a capture of no field',
      { expect: { one: {}, capture: { x: '$cursr' } } },
      'expect.capture.x: is neither a field of a message nor a JSONPath',
    ],

    [
      'a close code that may not be sent',
      { disconnect: { close: 1006 } },
      'disconnect.close: is no close code that may be sent',
    ],
    ['a close code of nobody', { disconnect: { close: 2000 } }, 'disconnect.close: is no close code that may be sent'],
    [
      'a reason that no frame holds',
      { disconnect: { reason: 'é'.repeat(62) } },
      'disconnect.reason: is longer than a close frame holds',
    ],
    [
      'a code for who says nothing',
      { disconnect: { terminate: true, close: 1000 } },
      'disconnect.close: belongs to a close: who terminates says nothing',
    ],
    [
      'a reason for who says nothing',
      { disconnect: { terminate: true, reason: 'bye' } },
      'disconnect.reason: belongs to a close: who terminates says nothing',
    ],
    ['no termination', { disconnect: { terminate: false } }, 'disconnect.terminate: must be true'],

    [
      'an outcome of another name',
      { reconnect: { expect: 'resume' } },
      'reconnect.expect: must be one of resumed, reset, open',
    ],
    [
      'a rejection without a code',
      { reconnect: { expect: { rejected: {} } } },
      'reconnect.expect.rejected: is an empty matcher, which would hold whatever came',
    ],
    ['a rejection by nothing', { reconnect: { expect: {} } }, 'reconnect.expect.rejected: is missing'],
    [
      'a code that is no code',
      { reconnect: { expect: { rejected: true } } },
      'reconnect.expect.rejected: can never be equal',
    ],
    [
      'a resumption from an object',
      { reconnect: { resume: { x: { at: 1 } } } },
      'reconnect.resume.x: must be text, or a number',
    ],
    [
      'one try',
      { reconnect: { within: '1s', retryEvery: '2s' } },
      'reconnect.retryEvery: is longer than `within`: it would try once',
    ],
    ['tries without a pause', { reconnect: { retryEvery: '1ms' } }, 'reconnect.retryEvery: must be at least 10ms'],

    ['a replay without assertions', replay({ assert: [] }), 'replay.assert: is an empty list'],
    ['a replay that asserts nothing', replay({ assert: undefined }), 'replay.assert: is missing'],
    [
      'an assertion of another name',
      replay({ assert: ['equalLive'] }),
      'replay.assert[0]: must be one of equalsLive, gapless, noDuplicates, ascending, exclusiveOfCursor, inclusiveOfCursor',
    ],
    ['an assertion twice', replay({ assert: ['gapless', 'gapless'] }), 'replay.assert[1]: stands here twice'],
    [
      'a contradiction',
      replay({ assert: ['exclusiveOfCursor', 'inclusiveOfCursor'] }),
      'replay.assert: asserts of the cursor that it is left out and that it comes again',
    ],
    ['a replay of no stream', replay({ stream: [] }), 'replay.stream: is an empty list'],
    ['a replay of a stream twice', replay({ stream: ['x', 'x'] }), 'replay.stream[1]: stands here twice'],
    ['a replay from nowhere', replay({ from: undefined }), 'replay.from: is missing'],
    ['a replay without end', replay({ until: {} }), 'replay.until: is an empty pattern, which every frame matches'],
    ['a replay until no cursor', replay({ until: { cursor: { gte: 1 } } }), 'replay.until.cursor: is no cursor'],
    [
      'a replay until quiet too late',
      replay({ within: '1s', until: { quiet: '2s' } }),
      'replay.until.quiet: is longer than the step waits',
    ],

    ['an ack of no cursor', { ack: { stream: 'x' } }, 'ack.cursor: is missing'],
    [
      'an ack with another outcome',
      { ack: { stream: 'x', cursor: 1, expect: 'rejected' } },
      'ack.expect: must be accepted',
    ],

    ['an ack with no outcome', { ack: { stream: 'x', cursor: 1, expect: {} } }, 'ack.expect.rejected: is missing'],

    ['repeating nothing', idempotent({ send: undefined }), 'idempotent: repeats nothing'],
    [
      'repeating two things',
      idempotent({ request: { url: 'https://a.example' } }),
      'idempotent.request: repeats one thing: it has send and request',
    ],
    ['repeating once', idempotent({ times: 1 }), 'idempotent.times: must be at least 2'],
    [
      'no answer to look for',
      idempotent({ send: { text: 'x', answer: {} } }),
      'idempotent.send.answer: is an empty pattern, which every frame matches',
    ],
    ['no answer at all', idempotent({ send: { text: 'x' } }), 'idempotent.send.answer: is missing'],
    ['no effect to look for', idempotent({ events: undefined }), 'idempotent.events: is missing'],
    [
      'any effect',
      idempotent({ events: { match: {} } }),
      'idempotent.events.match: is an empty pattern, which every frame matches',
    ],
    [
      'no effect expected',
      idempotent({ events: { match: { b: 1 }, exactly: 0 } }),
      'idempotent.events.exactly: must be at least 1',
    ],
    ['the same of nothing', idempotent({ same: [] }), 'idempotent.same: is an empty list'],
    [
      'the same by a bad path',
      idempotent({ same: ['version'] }),
      'idempotent.same[0]: is not a JSONPath: it must begin with $',
    ],
    [
      'a look longer than the step',
      idempotent({ within: '1s', quiet: '2s' }),
      'idempotent.quiet: is longer than the step waits',
    ],
    [
      'a header of a frame',
      idempotent({ capture: { x: { header: 'a' } } }),
      'idempotent.capture.x: a frame has no header',
    ],

    ['a barrier of nobody', { barrier: [] }, 'barrier: is an empty list'],
    ['a barrier of nobody, written long', { barrier: { as: [] } }, 'barrier.as: is an empty list'],
    ['a barrier twice', { barrier: ['main', 'main'] }, 'barrier[1]: stands here twice'],
    ['a barrier of a number', { barrier: 5 }, 'barrier: must be a list, or an object'],
    ['a quiet that is no duration', { quiet: 'a while' }, 'quiet: is not a duration'],
    ['a quiet without its time', { quiet: { as: 'main' } }, 'quiet.for: is missing'],
    [
      'a quiet longer than its wait',
      { quiet: { for: '3s', within: '2s' } },
      'quiet.for: is longer than the step waits',
    ],
    [
      'a convergence of one',
      { converge: { as: ['main'] } },
      'converge.as: is one connection, which always agrees with itself',
    ],

    ['a soak without end', soak({ iterations: undefined }), 'soak: has no end'],
    [
      'a threshold that nobody judges',
      soak({}, { ...say, thresholds: ['p(95)<9'] }),
      'soak.steps[0].thresholds: would not be judged within a soak',
    ],
    ['a soak of nothing', { soak: { iterations: 2, steps: [] } }, 'soak.steps: is an empty list'],
    ['a soak of no iterations', soak({ iterations: 0 }), 'soak.iterations: must be at least 1'],
    ['a soak beyond its run', soak({ duration: '11m' }), 'soak.duration: is longer than the deadline of the run'],
    [
      'a soak beyond its own time',
      { timeout: '1m', ...soak({ duration: '2m' }) },
      'soak.duration: is longer than the timeout of the step',
    ],
    [
      'iterations beyond its run',
      soak({ iterations: 1000, every: '1s' }),
      'soak.iterations: begin the last of them after 16m 39s, beyond the deadline of the run',
    ],
    [
      'a pace of one iteration',
      soak({ duration: '1s', every: '1s' }),
      'soak.every: is as long as the soak: there would be one iteration',
    ],
    ['failures without end', soak({ maxFailures: 2 }), 'soak.maxFailures: lets every iteration fail'],
    ['another freshness', soak({ fresh: 'all' }), 'soak.fresh: must be one of connection, none'],
    [
      'a soak within a soak',
      soak({}, soak({})),
      'soak.steps[0]: is not a step of a soak: it needs one of request, connect, send, expect, expectClose, disconnect, reconnect, replay, ack, idempotent, barrier, quiet, converge',
    ],
    [
      'a mistake within',
      soak({}, say, { ack: { stream: 'x', cursor: 1, within: '11m' } }),
      'soak.steps[1].ack.within: is longer than the deadline of the run',
    ],
    ['a slip within', soak({}, { send: { txt: 'x' } }), 'soak.steps[0].send.txt: unknown key `txt` in send'],
    [
      'a name of another step within',
      soak({}, { name: '1 connect main', ...say }),
      'soak.steps[0].name: is the name of another step of this probe',
    ],
  ])('%s', (_, step, complaint) => {
    const codec = complaint.startsWith('converge') ? 'yjs' : fullCodec;
    expect(complaints(configOf({ codec, steps: [open, step] }))).toEqual([`steps[1].${complaint}`]);
  });

  it('a group by a template', () => {
    const steps = [open, { expect: { inOrder: [{}], groupBy: 'a{{b}}' } }];
    expect(complaints(configOf({ steps }, { b: {} }))).toEqual([
      'steps[1].expect.groupBy: has a template in the name of a field, where none is filled in',
    ]);
  });

  it('the latency of what is absent', () => {
    const steps = [
      { send: { text: 'x', mark: 'm' } },
      { expect: { absent: { a: 1 }, latency: { since: 'm', max: '1s' } } },
    ];
    expect(complaints(withSteps(...steps))).toEqual([
      'steps[2].expect.latency: is that of a frame that is to be absent',
    ]);
  });

  it.each(['ack', 'barrier', 'converge', 'disconnect', 'idempotent', 'quiet', 'reconnect', 'replay'])(
    'a `within` of %s beyond its timeout, and beyond the run',
    (key) => {
      const bodies: Readonly<Record<string, Fields>> = {
        ack: { stream: 'x', cursor: 1 },
        barrier: { as: ['main'] },
        converge: { as: ['main', 'b'] },
        disconnect: {},
        idempotent: idempotent({}).idempotent as Fields,
        quiet: { for: '1s' },
        reconnect: {},
        replay: replay({}).replay as Fields,
      };
      const written = (timeout: Fields, within: string) =>
        complaints(
          configOf({
            codec: key === 'converge' ? 'yjs' : fullCodec,
            steps: [open, openAs('b'), { ...timeout, [key]: { ...bodies[key], within } }],
          }),
        );
      expect(written({ timeout: '2s' }, '3s')).toEqual([
        `steps[2].${key}.within: is longer than the timeout of the step`,
      ]);
      expect(written({}, '11m')).toEqual([`steps[2].${key}.within: is longer than the deadline of the run`]);
    },
  );
});

describe('connections and marks', () => {
  it.each<[string, readonly unknown[], readonly string[]]>([
    [
      'must be opened before each step that names them',
      [
        { disconnect: { as: 'z' } },
        { reconnect: { as: 'z' } },
        { ack: { as: 'z', stream: 'x', cursor: 1 } },
        { idempotent: { send: { as: 'z', text: 'x', answer: { a: 1 } }, events: { as: 'y', match: { b: 1 } } } },
        { quiet: { as: 'z', for: '1s' } },
        { converge: { as: ['main', 'z'] } },
        { expect: { as: ['main', 'z'], one: {} } },
        { barrier: ['z'] },
      ],
      [
        'steps[1].disconnect.as: connection `z` is not open here',
        'steps[2].reconnect.as: connection `z` is not open here',
        'steps[3].ack.as: connection `z` is not open here',
        'steps[4].idempotent.send.as: connection `z` is not open here',
        'steps[4].idempotent.events.as: connection `y` is not open here',
        'steps[5].quiet.as: connection `z` is not open here',
        'steps[6].converge: codec `json` keeps no state that could converge',
        'steps[6].converge.as: connection `z` is not open here',
        'steps[7].expect.as: connection `z` is not open here',
        'steps[8].barrier: connection `z` is not open here',
      ],
    ],
    [
      'are closed by a disconnect',
      [{ disconnect: {} }, say, { quiet: '1s' }],
      ['steps[2].send.as: connection `main` is closed here: step `2 disconnect main` closes it'],
    ],
    [
      'that are all closed leave nothing to be quiet',
      [{ disconnect: {} }, { quiet: '1s' }],
      ['steps[2].quiet: no connection is open here'],
    ],
    ['are open again after a reconnect', [{ disconnect: {} }, { reconnect: {} }, say], []],
    ['are open again after a replay', [{ disconnect: {} }, replay({}), say], []],
    ['are open again after a connect', [{ disconnect: {} }, open, say], []],
    [
      'are not opened by a refusal',
      [{ connect: { as: 'z', url: 'wss://a.example', expectRefused: { status: 403 } } }, { reconnect: { as: 'z' } }],
      ['steps[2].reconnect.as: connection `z` is not open here'],
    ],
    ['opened before a soak serve within it', [soak({}, say, { quiet: '1s' })], []],
    [
      'closed within a soak are missing when it comes round again',
      [soak({}, say, { disconnect: {} })],
      ['steps[1].soak.steps[0].send.as: connection `main` is closed here: step `2.2 disconnect main` closes it'],
    ],
    ['closed within a soak of one iteration are not', [soak({ iterations: 1 }, say, { disconnect: {} })], []],
    [
      'that a soak opened afresh are closed behind it',
      [soak({ fresh: 'connection' }, openAs('s'), { send: { as: 's', text: 'x' } }), { send: { as: 's', text: 'x' } }],
      ['steps[2].send.as: connection `s` is closed here: step `2 soak` closes it'],
    ],
    ['that a soak keeps stay open', [soak({}, openAs('s')), { send: { as: 's', text: 'x' } }], []],
    [
      'marks are set before they are used, by a step of any type',
      [{ mark: 'm', barrier: ['main'] }, { expect: { one: {}, from: 'm', latency: { since: 'n', max: '1s' } } }],
      ['steps[2].expect.latency.since: mark `n` is not set before this step'],
    ],
    [
      'marks set within a soak are set behind it',
      [soak({}, { mark: 'm', ...say }), { expect: { one: {}, from: 'm' } }],
      [],
    ],
  ])('%s', (_, steps, expected) => {
    expect(complaints(withSteps(...steps))).toEqual(expected);
  });

  it('nothing is quiet before anything is open', () => {
    expect(complaints(configOf({ steps: [{ quiet: '1s' }, open] }))).toEqual([
      'steps[0].quiet: no connection is open here',
    ]);
  });

  it('an http probe has no marks', () => {
    const steps = [{ mark: 'm', request: { url: 'https://a.example' } }];
    expect(complaints({ service: 'a', probes: [{ id: 'a', kind: 'http', steps }] })).toEqual([
      'steps[0].mark: an http probe has no marks',
    ]);
  });
});

describe('templates', () => {
  it.each<[string, readonly unknown[], readonly string[]]>([
    [
      'in every part of the new steps are looked at',
      [
        { ack: { stream: '{{a}}', cursor: '{{b}}', expect: { rejected: '{{c}}' } } },
        { reconnect: { resume: { '{{a}}': '{{b}}' } } },
        replay({ stream: ['{{a}}'], from: '{{b}}', until: { cursor: '{{c}}' } }),
        idempotent({ send: { publish: { stream: 's', payload: ['{{a}}'] }, answer: { x: '{{b}}' } } }),
        soak({}, { send: { text: '{{a}}' } }),
      ],
      [
        'steps[1].ack.stream: {{a}}',
        'steps[1].ack.cursor: {{b}}',
        'steps[1].ack.expect.rejected: {{c}}',
        'steps[2].reconnect.resume["{{a}}"]: {{a}}',
        'steps[2].reconnect.resume["{{a}}"]: {{b}}',
        'steps[3].replay.stream[0]: {{a}}',
        'steps[3].replay.from: {{b}}',
        'steps[3].replay.until.cursor: {{c}}',
        'steps[4].idempotent.send.publish.payload[0]: {{a}}',
        'steps[4].idempotent.send.answer.x: {{b}}',
        'steps[5].soak.steps[0].send.text: {{a}}',
      ].map((text) => `${text} is neither a variable nor captured by an earlier step`),
    ],
    [
      'use what an earlier step of the same iteration captured',
      [soak({}, { expect: { one: {}, capture: { x: '$id' } } }, { send: { text: '{{x}}' } })],
      [],
    ],
    [
      'use what was captured before the soak',
      [{ expect: { one: {}, capture: { x: '$id' } } }, soak({}, { send: { text: '{{x}}' } })],
      [],
    ],
    [
      'do not use what a later step of it captures',
      [soak({}, { send: { text: '{{x}}' } }, { expect: { one: {}, capture: { x: '$id' } } })],
      ['steps[1].soak.steps[0].send.text: {{x}} is not captured yet'],
    ],
    [
      'do not use what went with an iteration',
      [soak({}, { expect: { one: {}, capture: { x: '$id' } } }), { send: { text: '{{x}}' } }],
      ['steps[2].send.text: {{x}} is gone with the iteration that captured it'],
    ],
    [
      'do not use what an operation is asked for',
      [{ send: { text: '{{op.stream}}' } }],
      ['steps[1].send.text: {{op.stream}} is neither a variable nor captured by an earlier step'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(complaints(withSteps(...steps))).toEqual(expected);
  });

  it('a capture within a soak must not hide a variable', () => {
    const steps = [open, soak({}, { expect: { one: {} }, capture: { x: '$id' } })];
    expect(complaints(configOf({ codec: fullCodec, steps }, { x: {} }))).toEqual([
      'steps[1].soak.steps[0].capture: captures `x`, which is the name of a variable',
    ]);
  });
});

it('all mistakes of a sequence are told at once, and none of what follows from them', () => {
  const config = configOf({
    codec: 'jsn',
    steps: [
      open,
      { send: { subscribe: { stream: 'x', cursr: 1 } } },
      { disconnect: { close: 'soon' } },
      { replay: { stream: 'x', from: 0, until: { quiet: 'x' }, assert: ['gapless', 'gaples'] } },
      { soak: { steps: [{ ack: { stream: 5, cursor: 1 } }, { expect: { one: { '$[': 1 } } }] } },
    ],
    invariants: [{ chain: { links: ['a'] } }, { maxSilnce: '1s' }],
  });
  expect(complaints(config)).toEqual([
    'steps[1].send.subscribe.cursr: unknown key `cursr` in subscribe',
    'steps[2].disconnect.close: must be a number',
    'steps[3].replay.until.quiet: is not a duration',
    expect.stringContaining('steps[3].replay.assert[1]: must be one of equalsLive, '),
    'steps[4].soak: has no end',
    'steps[4].soak.steps[0].ack.stream: must be text',
    'steps[4].soak.steps[1].expect.one["$["]: is not a JSONPath: it ends too early',
    expect.stringContaining('codec: must be one of json, raw, notes, '),
    'invariants[0].chain.links: is no chain: it has one link',
    'invariants[1].maxSilnce: unknown key `maxSilnce` in an invariant',
  ]);
  const parsed = parseConfig(config);
  const codec = parsed.ok ? undefined : parsed.problems.find(({ path }) => path.endsWith('codec'));
  expect(codec).toMatchObject({ got: '"jsn"', remedy: 'did you mean `json`?' });
});
