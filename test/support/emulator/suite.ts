import { describe } from 'vitest';
import { shared } from '../fresh.ts';
import { type Emulator, startEmulator, whyNoEmulator } from './emulator.ts';

const reason = await whyNoEmulator();
if (reason !== undefined) process.stderr.write(`skipped: no emulated AWS on this machine: ${reason}\n`);

/** `describe` for tests that start an emulator: skipped, with the reason on stderr, where there can be none. */
export const describeWithEmulator = describe.skipIf(reason !== undefined);

/** One emulator for the tests of a `describe`. */
export const sharedEmulator = (): (() => Emulator) =>
  shared(async () => {
    const emulator = await startEmulator();
    return { ...emulator, close: emulator.stop };
  });
