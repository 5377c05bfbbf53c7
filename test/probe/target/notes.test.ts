import { describe, expect, it } from 'vitest';
import {
  checkOf,
  complaintsOf,
  headOf,
  never,
  notesTarget,
  openNotes,
  restartableNotes,
  writeMany,
} from '../../support/drill-target.ts';
import { call } from '../../support/notes-server.ts';

describe('a target through a SIGKILL', { timeout: 60_000 }, () => {
  it('that loses nothing has every entry, its stream from the first event on, its acks and its read models', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const seeds = await writeMany(target, 5);
    expect(seeds.map(({ outcome }) => outcome)).toEqual(seeds.map(() => 'acknowledged'));
    const before = await Promise.all(seeds.map((entry) => target.read(entry, never)));
    const head = await headOf(target);
    const sighting = await target.identify(never);

    await server.kill();
    expect(await target.ready(never)).toHaveProperty('problem');
    const unsure = await target.write({ id: 'drill-t-down', phase: 'through' }, never);
    expect(unsure).toMatchObject({ outcome: 'unknown', problem: expect.stringContaining('refused') });
    expect(await target.identify(never)).not.toHaveProperty('boot');
    await server.start();

    expect(await target.ready(never)).toEqual({});
    const after = await Promise.all(seeds.map((entry) => target.read(entry, never)));
    expect(after.map(({ id, found, digest }) => ({ id, found, digest }))).toEqual(
      before.map(({ id, digest }) => ({ id, found: 'present', digest })),
    );
    const [late] = await writeMany(target, 1, 'drill-late-');
    expect(late?.outcome).toBe('acknowledged');
    const again = await target.identify(never);
    expect(again.boot).not.toBe(sighting.boot);
    expect(again.epoch).toBe(sighting.epoch);
    expect(again.startedAt).toBeGreaterThan(sighting.startedAt ?? Number.POSITIVE_INFINITY);
    const findings = await checkOf(target, head);
    expect(findings.length).toBeGreaterThan(7);
    expect(complaintsOf([...findings, ...(await target.projections(never))])).toEqual([]);
  });

  it('that loses its last acknowledged writes has them absent, and its stream cut short', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const seeds = await writeMany(target, 4);
    const head = await headOf(target);
    await server.kill();
    await server.start('lose-acked-writes=2');
    const found = await Promise.all(seeds.map(async (entry) => (await target.read(entry, never)).found));
    expect(found).toEqual(['present', 'present', 'absent', 'absent']);
    const findings = await checkOf(target, head);
    const prefix = findings.find(({ check }) => check.includes('begins as it was'));
    const cursors = head.events.slice(-2).map(({ cursor }) => `cursor ${cursor}`);
    expect(prefix).toMatchObject({ area: 'order', result: 'fail', witnesses: cursors });
  });

  it('that loses and then reuses cursors is seen to say something else at them', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    await writeMany(target, 3);
    const head = await headOf(target);
    await server.kill();
    await server.start('lose-acked-writes=2');
    await writeMany(target, 2, 'drill-other-');
    const prefix = (await checkOf(target, head)).find(({ check }) => check.includes('begins as it was'));
    expect(prefix).toMatchObject({ result: 'fail', actual: expect.stringContaining('2 events with other content') });
  });

  it('whose read models drift is told by its projections', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const [entry] = await writeMany(target, 1);
    expect(complaintsOf(await target.projections(never))).toEqual([]);
    await server.kill();
    await server.start('drift-projection');
    const path = `/api/v1/notes/${entry?.captures.noteId}`;
    await call(server.url, 'PATCH', path, { body: { version: 1, body: 'changed' } });
    expect(complaintsOf(await target.projections(never))).toEqual(['projections: notes agree with the log: fail']);
  });

  it('that takes a stale ack is told, and so is that nobody knows then where its ack was', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    await writeMany(target, 2);
    const head = await headOf(target);
    await server.kill();
    await server.start('accept-stale-ack');
    await writeMany(target, 1, 'drill-late-');
    expect(complaintsOf(await checkOf(target, head))).toEqual([
      'streams: the ack of workspace:1 is where it was: inconclusive',
      'streams: a stale ack of workspace:1 is refused: fail',
    ]);
  });

  it('that forgets its acks is told from one that takes any', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    await writeMany(target, 2);
    const head = await headOf(target);
    await server.kill();
    await server.start();
    await writeMany(target, 1, 'drill-late-');
    // Nobody has acknowledged anything as another client: to the one that asks, its ack is lost.
    const follow = { ...notesTarget.ledger.follow, url: '{{wsUrl}}?client=nobody' };
    const other = openNotes(server.url, { ...notesTarget, ledger: { ...notesTarget.ledger, follow } });
    expect(complaintsOf(await checkOf(other, head))).toEqual(['streams: the ack of workspace:1 is where it was: fail']);
  });

  it('whose replay leaves an event out is told which', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    await writeMany(target, 2);
    const head = await headOf(target);
    await server.kill();
    await server.start('replay-gap');
    await writeMany(target, 4, 'drill-late-');
    const findings = await checkOf(target, head);
    expect(complaintsOf(findings)).toEqual(
      expect.arrayContaining([
        'order: cursors of workspace:1 leave nothing out: fail',
        'streams: a client of workspace:1 goes on from where it was: fail',
      ]),
    );
    const gap = findings.find(({ check }) => check.includes('leave nothing out'));
    expect(gap?.actual).toMatch(/cursor \d+ is missing/);
    expect(gap?.witnesses).not.toEqual([]);
  });

  it('that stays down has a stream that cannot be followed', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const head = await headOf(target);
    await server.kill();
    expect(complaintsOf(await checkOf(target, head))).toEqual(['streams: workspace:1 can be followed: fail']);
    expect(await target.head('workspace:1', never)).toHaveProperty('problem');
    expect(complaintsOf(await target.projections(never))).toEqual([
      'projections: notes agree with the log: inconclusive',
    ]);
  });

  it('with a history of another epoch is told', async () => {
    const [first, second] = [await restartableNotes(), await restartableNotes()];
    const head = await headOf(openNotes(first.url));
    const findings = await checkOf(openNotes(second.url), head);
    expect(complaintsOf(findings)).toContain('streams: workspace:1 has the epoch that it had: fail');
  });
});

describe('the entries of a target', { timeout: 60_000 }, () => {
  it('are listed over all pages, each as often as it is there', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    await writeMany(target, 7);
    await call(server.url, 'POST', '/api/v1/notes', { body: { title: 'drill-t-3' } });
    const listed = await target.list(never);
    const ours = Array.isArray(listed) ? listed.filter((id: string) => id.startsWith('drill-t-')).toSorted() : listed;
    expect(ours).toEqual(['0', '1', '2', '3', '3', '4', '5', '6'].map((id) => `drill-t-${id}`));
  });

  it('that were never sent are absent, though nothing says where they would be', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const ghost = {
      id: 'drill-t-ghost',
      phase: 'ghost',
      invokedAt: 0,
      endedAt: 0,
      outcome: 'unknown',
      captures: {},
    } as const;
    expect(await target.read(ghost, never)).toMatchObject({ found: 'absent' });
  });

  it('are removed, once and again', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const [entry] = await writeMany(target, 1);
    if (!entry) throw new Error('nothing was written');
    expect(await target.remove(entry, never)).toEqual({});
    expect(await target.read(entry, never)).toMatchObject({ found: 'absent' });
    expect(await target.remove(entry, never)).toEqual({});
  });

  it('whose answer was lost are found by the listing, and removed by asking under the same key', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const [known] = await writeMany(target, 1);
    if (!known) throw new Error('nothing was written');
    const lost = { ...known, outcome: 'unknown', captures: {} } as const;
    const absent = { ...lost, id: 'drill-t-nowhere' };
    expect(await target.read(lost, never)).toMatchObject({ found: 'present' });
    expect(await target.read(absent, never)).toMatchObject({ found: 'absent' });
    expect(await target.remove(absent, never)).toEqual({});
    expect(await target.remove(lost, never)).toEqual({});
    expect(await target.read(known, never)).toMatchObject({ found: 'absent' });
    expect(await target.read(absent, never)).toMatchObject({ found: 'absent' });
  });

  it('that were changed are different, with another digest', async () => {
    const server = await restartableNotes();
    const target = openNotes(server.url);
    const [entry] = await writeMany(target, 1);
    if (!entry) throw new Error('nothing was written');
    const before = await target.read(entry, never);
    await call(server.url, 'PATCH', `/api/v1/notes/${entry.captures.noteId}`, { body: { version: 1, title: 'other' } });
    const after = await target.read(entry, never);
    expect(after).toMatchObject({ found: 'different', problem: expect.stringContaining('other') });
    expect(after.digest).not.toBe(before.digest);
  });

  it('that the service says no to are refused', async () => {
    const server = await restartableNotes();
    const write = {
      ...notesTarget.ledger.write,
      request: { ...notesTarget.ledger.write.request, json: { title: '', x: '{{entry.id}}' } },
    };
    const target = openNotes(server.url, { ...notesTarget, ledger: { ...notesTarget.ledger, write } });
    expect(await target.write({ id: 'a', phase: 'seed' }, never)).toMatchObject({
      outcome: 'refused',
      problem: expect.stringContaining('422'),
    });
  });
});
