import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundleChunk, bundleProbe, bytesOf, findForbidden, packageOf, probeEntry } from '../bench/probe-bundle.ts';
import type { ProbePlan } from '../lib/config/plan.ts';
import type { Result } from '../lib/result/result.ts';
import { json, startHttpTarget } from './support/http-target.ts';
import { probeOf } from './support/probing.ts';
import { serveWebsocket } from './support/websocket-target.ts';

const root = join(import.meta.dirname, '..');

/** DESIGN.md, "Measures that hold everywhere". */
const atMostBytes = 200_000;

const staticOf = (chunks: readonly BundleChunk[]) => chunks.filter(({ isStatic }) => isStatic);

const filesHolding = (chunks: readonly BundleChunk[], holds: (path: string) => boolean): readonly string[] =>
  chunks.filter(({ inputs }) => inputs.some(({ path }) => holds(path))).map(({ file }) => file);

describe("the probe function's bundle", () => {
  let chunks: readonly BundleChunk[];

  beforeAll(async () => {
    chunks = await bundleProbe('esm');
  });

  const lazyFilesHolding = (holds: (path: string) => boolean): readonly string[] => {
    const found = filesHolding(chunks, holds);
    expect(found.length).toBeGreaterThan(0);
    expect(filesHolding(staticOf(chunks), holds)).toEqual([]);
    return found;
  };

  it('evaluates less than 200 KB before the first sample of a plain http probe', () => {
    expect(filesHolding(staticOf(chunks), (path) => path === 'lib/probe/http.ts')).toHaveLength(1);
    expect(bytesOf(staticOf(chunks))).toBeLessThan(atMostBytes);
  });

  it('holds no config schema, command line, YAML, SQLite or CDK, however it is bundled', async () => {
    expect(findForbidden(chunks)).toEqual([]);
    expect(findForbidden(await bundleProbe('cjs'))).toEqual([]);
  });

  it('keeps the pattern engine, the schema validator and the websocket library each in a chunk for those who ask', () => {
    const holders = ['re2js', '@cfworker/json-schema', 'ws'].map((name) =>
      lazyFilesHolding((path) => packageOf(path) === name),
    );
    expect(holders.map((files) => files.length)).toEqual([1, 1, 1]);
    expect(new Set(holders.flat()).size).toBe(3);
  });

  it('loads each codec when a probe speaks it', async () => {
    const files = await readdir(join(root, 'lib/sequence/codec'));
    const codecs = files.filter((file) => file.endsWith('.ts') && file !== 'codec.ts');
    expect(codecs).toContain('json.ts');
    for (const codec of codecs) lazyFilesHolding((path) => path === `lib/sequence/codec/${codec}`);
  });

  it('would be caught with the config schema in it', async () => {
    const planted = await bundleProbe('esm', `${probeEntry}\nexport { parseConfig } from './lib/config/parse.ts';`);
    expect(findForbidden(planted)).toEqual(['zod in probe.mjs']);
    expect(bytesOf(staticOf(planted))).toBeGreaterThan(atMostBytes);
  });

  it('would be caught with the embedded store in it, also behind a dynamic import', async () => {
    const planted = await bundleProbe(
      'esm',
      `${probeEntry}\nexport const open = () => import('./lib/local/sqlite.ts');`,
    );
    expect(findForbidden(planted)).toEqual([expect.stringMatching(/^node:sqlite in sqlite-\w+\.mjs$/)]);
  });
});

describe('the bundle, alone in a folder', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-bundle-'));
    for (const { file, text } of await bundleProbe('esm')) await writeFile(join(folder, file), text);
    const script = `
      import { readFileSync } from 'node:fs';
      import { createGuard, createRedactor, probers, usualTaintedAboveMs as taintedAboveMs } from './probe.mjs';
      const probe = JSON.parse(readFileSync(process.argv[2], 'utf8'));
      const clock = { now: () => Date.now(), monotonic: () => performance.now() };
      const guard = createGuard({ allow: [], loopback: true });
      const context = { clock, guard, redact: createRedactor([]), values: new Map(), taintedAboveMs, concurrency: 1 };
      const result = await probers[probe.kind](probe, context, new AbortController().signal);
      process.stdout.write(JSON.stringify(result));`;
    await writeFile(join(folder, 'run.mjs'), script);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** In a process that knows no node_modules. */
  const measureBundled = async (probe: ProbePlan): Promise<Result> => {
    await writeFile(join(folder, 'probe.json'), JSON.stringify(probe));
    const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs', 'probe.json'], { cwd: folder });
    return JSON.parse(stdout);
  };

  const checksOf = ({ passes }: Result) =>
    passes.flatMap((pass) => pass.steps.flatMap((step) => step.checks.map(({ result }) => result)));

  it('measures an http probe, and loads the engines that its checks need', async () => {
    const target = await startHttpTarget((_, response) => json(response, 200, { id: 'note-1' }));
    const schema = { type: 'object', required: ['id'] };
    const expected = { status: 200, json: { '$.id': { matches: '^note-\\d+$' }, $: { schema } } };
    const steps = [{ name: 'get', request: { url: target.url }, expect: expected }];
    try {
      const result = await measureBundled(probeOf({ kind: 'http', samples: 2, steps }));
      expect(result.passes.map((pass) => pass.complete)).toEqual([true, true]);
      expect(checksOf(result)).toEqual(Array.from({ length: 6 }, () => 'pass'));
    } finally {
      await target.close();
    }
  });

  it('measures a websocket probe, and loads its codec', async () => {
    const target = await serveWebsocket((socket) => socket.on('message', (data) => socket.send(String(data))));
    const steps = [
      { connect: { as: 'a', url: target.url } },
      { send: { as: 'a', json: { type: 'hello' } } },
      { expect: { as: 'a', inOrder: [{ type: 'hello' }], within: '5s' } },
    ];
    try {
      const result = await measureBundled(probeOf({ kind: 'websocket', codec: 'json', steps }));
      expect(result.passes[0]?.steps.map((step) => step.status)).toEqual(['done', 'done', 'done']);
    } finally {
      await target.close();
    }
  });
});
