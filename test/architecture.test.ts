import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const biome = join(root, 'node_modules/.bin/biome');
const rules = ['biome.json', 'test/support/lint/no-bare-clock.grit'];

/** The project's own lint rules over an empty house, where faults can be planted. */
let house: string;

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'plimsoll-house-'));
  for (const rule of rules) await cp(join(root, rule), join(house, rule));
});

afterAll(() => rm(house, { recursive: true }));

const lintIn = async (room: string, source: string): Promise<string> => {
  const file = join(house, room, 'deep', 'planted.ts');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  return promisify(execFile)(biome, ['lint', '--vcs-enabled=false', file], { cwd: house }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
};

describe('the arrows of the house', () => {
  const faults: readonly [room: string, fault: string, source: string, says: RegExp][] = [
    [
      'lib/judge',
      'reads a file',
      "import { readFile } from 'node:fs/promises';\nexport { readFile };\n",
      /core is pure/,
    ],
    ['lib/config', 'opens a socket', "import WebSocket from 'ws';\nexport { WebSocket };\n", /core is pure/],
    ['lib/result', 'imports a prober', "export { probeHttp } from '../../probe/http.ts';\n", /knows no adapter/],
    ['lib/report', 'imports the store', "export * from '../../local/sqlite.ts';\n", /knows no adapter/],
    ['lib/sequence', 'reads the environment', 'export const home = process.env.HOME;\n', /core knows no process/],
    ['lib/judge', 'prints', "console.log('hello');\n", /core prints nothing/],
    ['lib/judge', 'reads the clock', 'export const now = () => Date.now();\n', /clock is passed in/],
    ['lib/probe', 'reads the clock', 'export const now = () => Date.now();\n', /clock is passed in/],
    ['lib/probe', 'writes a file', "export { writeFile } from 'node:fs/promises';\n", /not to files or stores/],
    ['lib/probe', 'imports a front', "export * from '../../cli/main.ts';\n", /nothing imports a front/],
    ['lib/local', 'imports the other adapter', "export * from '../../aws/s3.ts';\n", /never import each other/],
    ['lib/aws', 'imports the other adapter', "export * from '../../local/sqlite.ts';\n", /never import each other/],
    ['lib/stack', 'imports a prober', "export * from '../../probe/http.ts';\n", /constructs know the core/],
    ['lib/judge', 'does faults', "export * from '../../fault-proxy/proxy.ts';\n", /not who does them/],
    ['lib/probe', 'does faults', "export * from '../../fault-proxy/proxy.ts';\n", /not where to/],
    ['lib/fault-proxy', 'imports a prober', "export * from '../../probe/http.ts';\n", /it knows the core alone/],
    ['functions', 'imports the laptop', "export * from '../../lib/local/sqlite.ts';\n", /functions know aws/],
  ];

  it.each(faults)('%s that %s is refused', async (room, _, source, says) => {
    expect(await lintIn(room, source)).toMatch(says);
  });

  it('the core may hash, and the adapters may use their own libraries', async () => {
    const sources = [
      ['lib/judge', "import { createHash } from 'node:crypto';\nexport { createHash };\n"],
      ['lib/probe', "import WebSocket from 'ws';\nexport { WebSocket };\n"],
      ['lib/self-test', "export type { Fault } from '../../fault-proxy/fault.ts';\n"],
      ['lib/local', "import { readFile } from 'node:fs/promises';\nexport { readFile };\n"],
    ] as const;
    for (const [room, source] of sources) {
      const said = await lintIn(room, source);
      expect(said).toContain('Checked 1 file');
      expect(said).not.toContain('Found');
    }
  });
});
