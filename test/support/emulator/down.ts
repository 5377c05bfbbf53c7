import { parseArgs } from 'node:util';
import { endRunning, readRunning, stateFile } from './running.ts';

// `npm run aws:down`: ends the emulated AWS that `aws:up` started, with all that is in it. `--state FILE` as there.

const { state } = parseArgs({ options: { state: { type: 'string', default: stateFile } } }).values;
const running = await readRunning(state);
if (running === undefined) process.stdout.write('no emulated AWS is up\n');
else if (await endRunning(running, state)) process.stdout.write(`the emulated AWS of ${running.endpoint} is down\n`);
else process.stdout.write(`the emulated AWS of ${running.endpoint} had ended already; its traces are removed\n`);
