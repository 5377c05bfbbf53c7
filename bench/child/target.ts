// The target of a measurement, in a process of its own: it tells its own time for each request, by its own monotonic
// clock, in a header. `GET /2` works for 2 ms (a timer), `GET /0` answers at once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serviceTimeHeader } from '../service-time.ts';

const body = JSON.stringify({
  items: Array.from({ length: 8 }, (_, index) => ({ id: index, title: `note ${index}` })),
});

const server = createServer((request, response) => {
  const received = performance.now();
  const answer = () => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-length', body.length);
    response.setHeader(serviceTimeHeader, (performance.now() - received).toFixed(4));
    response.end(body);
  };
  const workMs = Number(request.url?.slice(1).split('?')[0]);
  if (workMs > 0) setTimeout(answer, workMs);
  else answer();
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit());
