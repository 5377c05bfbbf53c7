import { freePort } from '../free-port.ts';

const ask = (url: string, method: string, json: object) => ({
  request: { method: 'POST', url: `${url}/v3/kv/${method}`, json },
});

/** Everything that there is: from the key of one zero byte to its end (etcd API, `range_end`). */
const everything = { key: 'AA==', range_end: 'AA==', keys_only: true };

/** An entry's id is base64 as it stands, and so its own key and its own value. */
const ledgerOf = (url: string) => ({
  write: {
    ...ask(url, 'put', { key: '{{entry.id}}', value: '{{entry.id}}' }),
    expect: { status: 200, json: { '$.header.revision': { exists: true } } },
  },
  read: {
    ...ask(url, 'range', { key: '{{entry.id}}' }),
    expect: { status: 200, json: { '$.kvs[0].value': '{{entry.id}}' } },
    // Not its last revision: a write that is sent again makes a new one.
    capture: { value: '$.kvs[0].value', madeAt: '$.kvs[0].create_revision' },
    // A key that is not there answers a header alone, without a count.
    absent: { status: 200, json: { '$.header.revision': { exists: true }, '$.kvs': { exists: false } } },
  },
  remove: { ...ask(url, 'deleterange', { key: '{{entry.id}}' }), expect: { status: 200 } },
  list: { ...ask(url, 'range', everything), ids: '$.kvs[*].key' },
});

/** Debian's etcd, by config alone: its JSON gateway, and its metrics for who it is. `wrap` comes before its command. */
export const etcdTarget = async (wrap: readonly string[]) => {
  const [client, peer] = await Promise.all([freePort(), freePort()]);
  const [url, peerUrl] = [client, peer].map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const urls = ['--listen-client-urls', url, '--advertise-client-urls', url];
  const peers = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl];
  return {
    start: [...wrap, 'etcd', '--data-dir', 'etcd', ...urls, ...peers, '--initial-cluster', `default=${peerUrl}`],
    // 3.4 refuses to start on other processors until it is told that somebody knows.
    env: process.arch === 'x64' ? {} : { ETCD_UNSUPPORTED_ARCH: process.arch },
    ready: `${url}/health`,
    identity: { url: `${url}/metrics`, startedAt: 'process_start_time_seconds', epoch: 'etcd_server_id' },
    ledger: ledgerOf(url),
  };
};
