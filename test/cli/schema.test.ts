import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import { openDesk, root } from '../support/cli.ts';

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
});
