import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cfnLint } from '../support/emulator/cfn-lint.ts';
import { whyNot } from '../support/emulator/venv.ts';

const reason = await whyNot('lint');
if (reason !== undefined) process.stderr.write(`skipped: no cfn-lint on this machine: ${reason}\n`);

const templateOf = async (properties: object): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-lint-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'template.json');
  await writeFile(file, JSON.stringify({ Resources: { Work: { Type: 'AWS::SQS::Queue', Properties: properties } } }));
  return file;
};

describe.skipIf(reason !== undefined)('cfn-lint', () => {
  it('finds nothing in a good template', async () => {
    expect(await cfnLint([await templateOf({ VisibilityTimeout: 30 })])).toEqual([]);
  });

  it('names the property that is wrong', async () => {
    const findings = await cfnLint([await templateOf({ VisibilityTimeout: 'soon', NoSuchThing: 1 })]);
    expect(findings.map(({ Level }) => Level)).toContain('Error');
    expect(findings.map(({ Message }) => Message).join(' ')).toMatch(/NoSuchThing/);
  });
});
