import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import { openDesk, root } from '../support/cli.ts';
import { drillReport } from '../support/drill/reports.ts';

const fixture = (name: string): unknown => JSON.parse(readFileSync(join(root, 'test', 'fixtures', name), 'utf8'));

describe('plimsoll schema', () => {
  it('prints a JSON Schema that fits DESIGN.md’s example and not one with mistakes, and needs no config', async () => {
    const desk = openDesk();
    const { code, stdout, stderr } = await desk.run(['schema']);
    expect([code, stderr, desk.list()]).toEqual([0, '', []]);
    const schema = JSON.parse(stdout);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const validator = new Validator(schema, '2020-12');
    expect(validator.validate(fixture('design-example.json')).valid).toBe(true);
    const places = validator.validate(fixture('bad/seven-mistakes.json')).errors.map((error) => error.instanceLocation);
    expect(places).toContain('#/probes/0');
  });

  it('prints that of a drill’s report, which says yes to one and no to one without its writes', async () => {
    const { code, stdout } = await openDesk().run(['schema', '--drill-report']);
    const validator = new Validator(JSON.parse(stdout), '2020-12');
    const report = drillReport({ hash: 'a'.repeat(64) });
    expect(code).toBe(0);
    expect(validator.validate(report).errors).toEqual([]);
    const { writes: _, ...without } = report;
    expect(validator.validate(without).valid).toBe(false);
  });
});
