import { jsonSchema } from '../config/json-schema.ts';
import { drillReportSchema } from '../drill/report-schema.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What has a JSON Schema to be published: what editors read, and what whoever keeps evidence reads. */
export type Published = 'config' | 'drill-report';

/** `plimsoll schema`: the JSON Schema (2020-12) of a config, for editors, or of the report of a drill. */
export const schemaCommand = (of: Published, terminal: Terminal): ExitCode => {
  const schema = of === 'config' ? jsonSchema() : drillReportSchema;
  terminal.out(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.good;
};
