import { describe, expect, it } from 'vitest';
import { createCookieJar } from '../../lib/probe/cookies.ts';

const url = new URL('http://127.0.0.1/');
const jarOf = () => createCookieJar({ now: () => Date.now(), monotonic: () => performance.now() });
const names = (header: string): readonly string[] => header.split('; ').map((pair) => pair.split('=')[0] ?? '');

describe('the cookie jar', () => {
  it('keeps the latest 180 cookies of a host, however many it is sent', () => {
    const jar = jarOf();
    for (let answer = 0; answer < 50; answer += 1) {
      jar.store(
        url,
        Array.from({ length: 100 }, (_, n) => `c${answer * 100 + n}=v`),
      );
    }
    const kept = names(jar.header(url));
    expect(kept).toHaveLength(180);
    expect([kept[0], kept.at(-1)]).toEqual(['c4820', 'c4999']);
  });

  it('forgets nothing of one host for what another sends', () => {
    const jar = jarOf();
    jar.store(url, ['own=1']);
    jar.store(
      new URL('http://127.0.0.2/'),
      Array.from({ length: 500 }, (_, n) => `c${n}=v`),
    );
    expect(jar.header(url)).toBe('own=1');
  });

  it('takes a cookie of 4,096 bytes and none that is larger', () => {
    const jar = jarOf();
    jar.store(url, [`a=${'x'.repeat(4_095)}`, `b=${'x'.repeat(4_096)}`, `c=${'ü'.repeat(2_048)}`]);
    expect(names(jar.header(url))).toEqual(['a']);
  });
});
