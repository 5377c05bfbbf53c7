import { lookup } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createGuard, GuardError, refusalOfHost } from '../../lib/probe/guard.ts';

const closed = createGuard({ allow: [], loopback: false });
const laptop = createGuard({ allow: [], loopback: true });

describe('the guard', () => {
  const never = [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    'fd00:ec2::254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '224.0.0.1',
  ];
  const open = createGuard({ allow: ['0.0.0.0/0', '::/0'], loopback: true });

  it.each(never)('never opens %s, whatever is allowed', (address) => {
    expect(open.refusal(address)).toMatch(/no probe may reach/);
  });

  it.each(['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12:3456::1'])(
    'keeps private %s closed',
    (address) => {
      expect(laptop.refusal(address)).toMatch(/private: add its range to network.allow/);
    },
  );

  it('opens a private range that is allowed, and only that', () => {
    const guard = createGuard({ allow: ['10.1.0.0/16', 'fd12::/16'], loopback: false });
    expect(['10.1.2.3', 'fd12::1', '10.2.0.1'].map((address) => guard.refusal(address) === undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('opens loopback on a laptop, and elsewhere only when allowed', () => {
    expect(laptop.refusal('127.0.0.1')).toBeUndefined();
    expect(laptop.refusal('::1')).toBeUndefined();
    expect(closed.refusal('127.0.0.1')).toMatch(/loopback/);
    expect(createGuard({ allow: ['127.0.0.0/8'], loopback: false }).refusal('127.9.9.9')).toBeUndefined();
  });

  it.each(['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b::169.254.169.254'])(
    'sees the metadata address inside %s',
    (address) => {
      expect(open.refusal(address)).toMatch(/no probe may reach/);
    },
  );

  it('lets public addresses through', () => {
    expect(['93.184.216.34', '2606:2800:220:1::1'].map((address) => closed.refusal(address))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('checks a literal address in a URL, which no lookup would ever see', () => {
    expect(refusalOfHost(closed, '[::1]')).toMatch(/loopback/);
    expect(refusalOfHost(closed, '10.0.0.1')).toMatch(/private/);
    expect(refusalOfHost(closed, 'example.test')).toBeUndefined();
  });

  it('answers a lookup with the addresses that it checked, and refuses when none is open', async () => {
    const ask = (guard: typeof closed) =>
      new Promise((resolve, reject) => {
        guard.lookup('localhost', { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
      });
    const all = await new Promise((resolve) =>
      lookup('localhost', { all: true, verbatim: true }, (_, found) => resolve(found)),
    );
    expect(await ask(laptop)).toEqual(all);
    await expect(ask(closed)).rejects.toThrow(GuardError);
    await expect(ask(closed)).rejects.toThrow(/^localhost: .* is loopback/);
  });
});
