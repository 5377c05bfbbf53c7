import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluatedWith, findForbidden, packageOf } from '../bench/probe-bundle.ts';
import { budgets, overBudget } from '../build/functions/budget.ts';
import { type BundleFile, bundleFunctions, bytesOf, type FunctionBundle, staticOf } from '../build/functions/bundle.ts';
import { leftOut } from '../build/functions/slim/left-out.ts';
import { standIns } from '../build/functions/slim/stand-ins.ts';
import { buildFunctions, functionEntries } from '../build/functions.ts';

const root = join(import.meta.dirname, '..');

/** DESIGN.md, "Measures that hold everywhere". */
const atMostBytes = { total: 900_000, beforeFirstSample: 200_000 } as const;

const filesHolding = (files: readonly BundleFile[], holds: (path: string) => boolean): readonly string[] =>
  files.filter(({ inputs }) => inputs.some(({ path }) => holds(path))).map(({ file }) => file);

let functions: readonly FunctionBundle[];
let metafile: Metafile;

beforeAll(async () => {
  ({ functions, metafile } = await bundleFunctions(root, functionEntries));
});

const filesOf = (name: string): readonly BundleFile[] => functions.find((one) => one.name === name)?.files ?? [];

describe("the probe function's bundle", () => {
  const lazyFilesHolding = (holds: (path: string) => boolean): readonly string[] => {
    const found = filesHolding(filesOf('probe'), holds);
    expect(found.length).toBeGreaterThan(0);
    expect(filesHolding(staticOf(filesOf('probe')), holds)).toEqual([]);
    return found;
  };

  it('evaluates less than 200 KB before the first sample of a plain http probe', () => {
    const atStart = staticOf(filesOf('probe'));
    expect(filesHolding(atStart, (path) => path === 'lib/probe/http.ts')).toHaveLength(1);
    expect(bytesOf(atStart)).toBeLessThan(atMostBytes.beforeFirstSample);
  });

  it('is under 900 KB with its SDK clients', () => {
    expect(filesHolding(filesOf('probe'), (path) => packageOf(path) === '@aws-sdk/client-dynamodb')).not.toEqual([]);
    expect(bytesOf(filesOf('probe'))).toBeLessThan(atMostBytes.total);
  });

  it('keeps the pattern engine, the schema validator and the websocket library each in a chunk for those who ask', () => {
    const holders = ['re2js', '@cfworker/json-schema', 'ws'].map((name) =>
      lazyFilesHolding((path) => packageOf(path) === name),
    );
    expect(holders.map((files) => files.length)).toEqual([1, 1, 1]);
    expect(new Set(holders.flat()).size).toBe(3);
  });

  it('loads nothing of the AWS SDK, and no store, before there is something to keep', () => {
    const clients = ['cloudwatch', 'dynamodb', 'eventbridge', 's3', 'secrets-manager', 'sqs', 'ssm'];
    for (const client of clients) lazyFilesHolding((path) => packageOf(path) === `@aws-sdk/client-${client}`);
    lazyFilesHolding((path) => /node_modules\/@(aws-sdk|smithy)\//.test(path));
    lazyFilesHolding((path) => path === 'lib/aws/dynamodb/store.ts');
    lazyFilesHolding((path) => path === 'lib/monitor/keep.ts');
  });

  const codecFolder = 'lib/sequence/codec/';

  it('loads each codec when a probe speaks it', async () => {
    const files = await readdir(join(root, codecFolder));
    const codecs = files.filter((file) => file.endsWith('.ts') && file !== 'codec.ts');
    expect(codecs).toContain('json.ts');
    for (const codec of codecs) lazyFilesHolding((path) => path === `${codecFolder}${codec}`);
  });

  it('loads no codec with the websocket library, and none with another that it is not built on', () => {
    const codecs = Object.entries(metafile.outputs).flatMap(([output, { entryPoint = '' }]) =>
      output.startsWith('functions-bundle/probe/') && entryPoint.startsWith(codecFolder) ? [entryPoint] : [],
    );
    const others = (path: string) => {
      const evaluated = evaluatedWith(metafile, 'probe', path);
      return codecs
        .filter((codec) => codec !== path && evaluated.has(codec))
        .map((codec) => codec.replace(codecFolder, ''))
        .toSorted();
    };
    expect(others('lib/probe/websocket.ts')).toEqual([]);
    const builtOn = Object.fromEntries(codecs.map((codec) => [codec.replace(codecFolder, ''), others(codec)]));
    expect(Object.keys(builtOn)).toEqual(expect.arrayContaining(['json.ts', 'mqtt.ts', 'yjs.ts']));
    const { 'raw.ts': raw, 'notes.ts': notes, ...rest } = builtOn;
    // What a codec cannot read is raw.
    expect([raw, notes]).toEqual([[], ['json.ts', 'raw.ts']]);
    for (const on of Object.values(rest)) expect(on).toEqual(['raw.ts']);
  });

  it('evaluates nothing of a websocket probe at its start', () => {
    lazyFilesHolding((path) => path.startsWith('lib/probe/websocket'));
    lazyFilesHolding((path) => path.startsWith('lib/sequence/'));
  });

  it('would be caught with a codec in what it evaluates at its start', async () => {
    const planted = await bundleFunctions(root, { probe: 'test/fixtures/functions/with-eager-codec.ts' });
    const atStart = staticOf(planted.functions[0]?.files ?? []);
    expect(filesHolding(atStart, (path) => path === `${codecFolder}mqtt.ts`)).toHaveLength(1);
  });
});

describe('the bundles of all functions', () => {
  it('hold no config schema, command line, YAML, SQLite or CDK', () => {
    expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(['dispatch', 'judge', 'probe']));
    for (const { files } of functions) expect(findForbidden(files)).toEqual([]);
  });

  it('hold what is left out or stands in for something, each of them: the SDK has not moved it', () => {
    const inputs = Object.keys(metafile.inputs);
    const rules = [...Object.keys(leftOut), ...Object.keys(standIns)];
    expect(rules.filter((file) => !inputs.includes(`node_modules/${file}`))).toEqual([]);
  });

  it('hold what is theirs alone: the dispatcher measures nothing', () => {
    expect(filesHolding(filesOf('dispatch'), (path) => path.startsWith('lib/probe/'))).toEqual([]);
    expect(filesHolding(filesOf('dispatch'), (path) => packageOf(path) === '@aws-sdk/client-sns')).toEqual([]);
    expect(filesHolding(filesOf('probe'), (path) => packageOf(path) === '@aws-sdk/client-sns')).toEqual([]);
  });

  it('would be caught with the config schema in them', async () => {
    const planted = await bundleFunctions(root, { probe: 'test/fixtures/functions/with-config-schema.ts' });
    const [{ files } = { files: [] }] = planted.functions;
    expect(findForbidden(files)).toEqual(['zod in index.js']);
    expect(bytesOf(staticOf(files))).toBeGreaterThan(atMostBytes.beforeFirstSample);
    expect(overBudget({ name: 'probe', files })).toEqual([
      expect.stringMatching(/^the function probe has .* kB, over its budget of 900\.0 kB; largest: .*re2js/),
      expect.stringMatching(
        /^the function probe evaluates at its start .* kB, over its budget of 200\.0 kB; largest: /,
      ),
    ]);
  });

  it('would be caught with the embedded store in them, also behind a dynamic import', async () => {
    const planted = await bundleFunctions(root, { probe: 'test/fixtures/functions/with-sqlite.ts' });
    const [{ files } = { files: [] }] = planted.functions;
    expect(findForbidden(files)).toEqual([expect.stringMatching(/^node:sqlite in sqlite-\w+\.js$/)]);
  });

  it('have a budget each, and are within it', () => {
    for (const bundle of functions) expect(overBudget(bundle)).toEqual([]);
    expect(overBudget({ name: 'other', files: [] })).toEqual([
      expect.stringMatching(/^the function other has no size budget/),
    ]);
    expect(budgets.probe).toEqual({ total: atMostBytes.total, atStart: atMostBytes.beforeFirstSample });
  });

  it('are the same bytes when they are built again', async () => {
    const again = await bundleFunctions(root, functionEntries);
    expect(again.functions).toEqual(functions);
  });
});

describe('a built function, alone in a folder', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-functions-'));
    await buildFunctions(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.keys(functionEntries))(
    '%s: has all that it needs, and says what its stack has not set',
    async (name) => {
      const index = join(folder, name, 'index.js');
      // A whole environment of its own, and no node_modules above it.
      const script = `require(${JSON.stringify(index)}).handler({ Records: [] }, {}).catch((error) => console.log(error.message))`;
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder, env: {} });
      expect(stdout).toMatch(/^this function is not set up: .*AWS_REGION must be set/);
    },
  );

  it('is there with the metafile of all beside it', async () => {
    expect(JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8'))).toHaveProperty('outputs');
    expect(existsSync(join(folder, 'probe/meta.json'))).toBe(false);
  });
});
