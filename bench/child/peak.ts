// Preloaded into a child: leaves its peak resident memory, in bytes, in the file that BENCH_PEAK names.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.BENCH_PEAK ?? '', String(process.resourceUsage().maxRSS * 1024)));
