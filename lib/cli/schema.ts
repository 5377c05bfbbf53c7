import { jsonSchema } from '../config/json-schema.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** `plimsoll schema`: the JSON Schema of a config, for editors. */
export const schemaCommand = (terminal: Terminal): ExitCode => {
  terminal.out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return exitCodes.good;
};
