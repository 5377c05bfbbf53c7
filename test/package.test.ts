import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../lib/version.ts';
import { notesServer } from './support/notes-server.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
let folder: string;

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command in the empty folder on this project's Node 24. */
const run = (file: string, args: readonly string[], cwd = folder): Promise<Ran> => {
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter), NO_COLOR: '1' };
  return promisify(execFile)(file, args, { cwd, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ran) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
};

const config = `import { defineConfig } from 'plimsoll';

export default defineConfig({
  service: 'shop',
  probes: [{ id: 'home', kind: 'http', schedule: { every: '5m' }, steps: [{ name: 'get', request: { url: 'https://shop.example/' } }] }],
});
`;

const app = `import { App, Stack } from 'aws-cdk-lib';
import { Plimsoll, planOf } from 'plimsoll/cdk';
import config from './plimsoll.config.ts';

const app = new App({ outdir: 'cdk.out' });
new Plimsoll(new Stack(app, 'Watch'), 'Plimsoll', { plan: planOf(config) });
app.synth();
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-package-'));
  await writeFile(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], root);
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as [{ filename: string }];
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, filename)]);
  await writeFile(join(folder, 'plimsoll.config.ts'), config);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const compilerOptions = '--noEmit --strict --module nodenext --target es2024 --types'.split(' ');

/** No types but those that the file itself imports. */
const compile = (file: string, ...options: readonly string[]) => run('tsc', [...compilerOptions, '', ...options, file]);

/** Figures, times and ports change from run to run; words, marks and their order do not. */
const maskFigures = (text: string): string =>
  text
    .replaceAll(/\d+(?:\.\d+)?(?: (?:ms|s))?/g, '#')
    .replaceAll(/from (?:default|flag)/g, 'from #')
    .replaceAll(/ +/g, ' ')
    .trim();

describe("the README's first screen", () => {
  it('shows a config and a run that are what it says they are', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const [, shown = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const [, command = '', printed = ''] = /```console\n\$ npx plimsoll (.*?)\n(.*?)```/s.exec(readme) ?? [];
    await writeFile(join(folder, 'readme.config.ts'), shown);
    const { url } = await notesServer();
    const { code, stdout } = await run('npx', [
      'plimsoll',
      ...command.split(' '),
      '--config',
      'readme.config.ts',
      '--set',
      `baseUrl=${url}`,
    ]);
    expect(code).toBe(0);
    expect(maskFigures(stdout)).toBe(maskFigures(printed));
  });

  it('lists the commands that there are', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const told = [...readme.matchAll(/^\| `npx plimsoll (\w+)/gm)].map(([, name]) => name);
    const { stdout } = await run('npx', ['plimsoll', '--help']);
    const [, listed = ''] = /^Commands:\n(.*)/ms.exec(stdout) ?? [];
    const real = [...listed.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name).filter((name) => name !== 'help');
    expect(told.toSorted()).toEqual([...new Set(real)].toSorted());
  });

  it('links to files that exist and names scripts that exist', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
    const named = [
      ...readme.matchAll(/npm (?:run )?(?:--silent )?(start|test(?::[\w-]+)?|lint|typecheck|bench|aws:\w+)/g),
    ].map(([, script = '']) => script);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    expect(links.length * named.length).toBeGreaterThan(0);
  });
});

describe('the package, installed in an empty folder', () => {
  it('checks a TypeScript config', async () => {
    const { code, stdout, stderr } = await run('npx', ['plimsoll', 'check']);
    expect(stderr).not.toMatch(/plimsoll:/);
    expect(stdout).toMatch(/home +http, 1 step, 5 samples/);
    expect(code).toBe(0);
  });

  it('refuses a bad one with exit 2 and no stack', async () => {
    await writeFile(
      join(folder, 'bad.json'),
      '{ "service": "shop", "probes": [{ "id": "x", "kind": "htp", "steps": [] }] }',
    );
    const { code, stdout, stderr } = await run('npx', ['plimsoll', 'check', '--config', 'bad.json']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/probes\[0\]\.kind/);
    expect(stderr).not.toMatch(/ at .*\.js:\d+/);
  });

  it('gives its config types: a wrong key does not compile', async () => {
    expect(await compile('plimsoll.config.ts', '--skipLibCheck', 'false')).toMatchObject({ code: 0 });
    await writeFile(
      join(folder, 'wrong.config.ts'),
      config.replace('samples', 'x').replace("id: 'home'", "id: 'home', sample: 3"),
    );
    const { code, stdout } = await compile('wrong.config.ts', '--skipLibCheck', 'false');
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/'sample' does not exist/);
  });

  it('serves the dashboard of a watch whole: its page, its scripts, and the chart of the package that it depends on', async () => {
    const probe = {
      id: 'home',
      kind: 'http',
      schedule: { every: '7d' },
      steps: [{ name: 'get', request: { url: 'https://shop.example/' } }],
    };
    await writeFile(join(folder, 'watch.json'), JSON.stringify({ service: 'shop', probes: [probe] }));
    const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter), NO_COLOR: '1' };
    const watch = spawn(
      join(folder, 'node_modules/.bin/plimsoll'),
      ['watch', '--config', 'watch.json', '--port', '0'],
      { cwd: folder, env },
    );
    try {
      const url = await new Promise<string>((found, failed) => {
        let said = '';
        const hear = (data: Buffer): void => {
          said += data;
          const [, address] = /^dashboard +(http:\S+)$/m.exec(said) ?? [];
          if (address !== undefined) found(address);
        };
        watch.stdout.on('data', hear);
        watch.stderr.on('data', hear);
        watch.on('exit', () => failed(new Error(`watch ended: ${said}`)));
      });
      const scripts = (await readdir(join(root, 'lib/local/dashboard/browser'))).filter((name) => name.endsWith('.js'));
      for (const path of [
        '/',
        '/api/state',
        ...[...scripts, 'uplot.js', 'style.css'].map((name) => `/assets/${name}`),
      ]) {
        const answer = await fetch(url + path);
        expect([path, answer.status, (await answer.text()).length > 100]).toEqual([path, 200, true]);
      }
    } finally {
      watch.kill();
    }
  });

  it('carries no source that Node would have to strip, and no test', async () => {
    const { stdout } = await run('npm', ['ls', '--parseable', 'plimsoll']);
    const installed = stdout.trim().split('\n').at(-1) ?? '';
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    expect(manifest.version).toBe(version);
    const files = (
      await run('find', [
        installed,
        '-name',
        '*.ts',
        '-not',
        '-name',
        '*.d.ts',
        '-not',
        '-path',
        '*/node_modules/*/node_modules/*',
      ])
    ).stdout;
    expect(files.trim()).toBe('');
  });
});

describe('the package in a CDK app of somebody else', () => {
  beforeAll(async () => {
    // As `npm install aws-cdk-lib constructs` puts them there, in a minute less.
    for (const peer of ['aws-cdk-lib', 'constructs']) {
      await symlink(join(root, 'node_modules', peer), join(folder, 'node_modules', peer));
    }
    await writeFile(join(folder, 'app.ts'), app);
  });

  it('is a construct, and brings the functions that it deploys', async () => {
    expect(await run('node', ['app.ts'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const assembly = join(folder, 'cdk.out');
    const { Resources } = JSON.parse(await readFile(join(assembly, 'Watch.template.json'), 'utf8'));
    const functions = Object.values<{ Type: string; Properties: { Environment?: object } }>(Resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.Environment !== undefined,
    );
    const assets = (await readdir(assembly)).filter((name) => existsSync(join(assembly, name, 'package.json')));
    expect([functions.length, assets.length]).toEqual([4, 4]);
    expect(assets.filter((name) => !existsSync(join(assembly, name, 'index.js')))).toEqual([]);
  });

  it('has types that know its props', async () => {
    expect(await compile('app.ts', '--skipLibCheck', '--allowImportingTsExtensions')).toMatchObject({ code: 0 });
    await writeFile(join(folder, 'wrong-app.ts'), app.replace('plan:', 'plna:'));
    const { stdout } = await compile('wrong-app.ts', '--skipLibCheck', '--allowImportingTsExtensions');
    expect(stdout).toMatch(/'plna' does not exist in type 'PlimsollProps'/);
  });
});
