import { main } from '../lib/cli/main.ts';
import { processTerminal } from '../lib/cli/terminal.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort(new Error(signal));
    // A second one does not wait for clean-up.
    process.once(signal, () => process.exit(130));
  });
}

// Whoever reads may stop early (`| head`): a run goes on all the same, and its exit code still tells.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), processTerminal(interrupt.signal));
