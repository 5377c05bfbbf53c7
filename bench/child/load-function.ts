// Loads a bundled function, and answers how long that took.
import { createRequire } from 'node:module';

const [index = ''] = process.argv.slice(2);
const require = createRequire(index);
const startMs = performance.now();
require(index);
process.send?.({ loadMs: performance.now() - startMs });
