/**
 * A notes server that is well when it is started first, and has faults from then on: `second-start.ts PORT FAULT…`. Its
 * data are in `notes`, in the folder that it is started in.
 */
import { existsSync, writeFileSync } from 'node:fs';

const [port = '', ...faults] = process.argv.slice(2);
const isFirst = !existsSync('started');
writeFileSync('started', '');
process.argv.splice(2, process.argv.length, '--port', port, '--data', 'notes', '--seed', ...(isFirst ? [] : faults));
await import('../../../examples/notes-server/main.ts');
