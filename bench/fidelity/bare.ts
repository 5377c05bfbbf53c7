import { Agent, request } from 'node:http';
import { serviceTimeHeader } from '../service-time.ts';
import type { OpenClient } from './client.ts';

const send = (url: URL, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    request(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        const latencyMs = performance.now() - start;
        resolve(latencyMs - Number(response.headers[serviceTimeHeader]));
      });
    })
      .once('error', reject)
      .end();
  });

/** `node:http` with keep-alive and nothing else: what any client on this runtime has to add. */
export const openBare: OpenClient = ({ url, pacerUrl, samples }) => ({
  name: 'bare',
  measure: async () => {
    const [pacer, target] = [new URL(pacerUrl), new URL(url)];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const errorsMs: number[] = [];
    try {
      for (let sample = 0; sample <= samples; sample++) {
        await send(pacer, agent);
        errorsMs.push(await send(target, agent));
      }
    } finally {
      agent.destroy();
    }
    // The first one connects.
    return { errorsMs: errorsMs.slice(1) };
  },
});
