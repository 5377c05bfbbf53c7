// One block of samples as the first thing that a process does: how `plimsoll run` and a cold function measure.
import { openBare } from '../fidelity/bare.ts';
import { openPlimsoll } from '../fidelity/plimsoll.ts';

const [client, work] = process.argv.slice(2);
const open = client === 'plimsoll' ? openPlimsoll : openBare;
process.send?.(await open(JSON.parse(work ?? '')).measure());
