import { describe, expect, it } from 'vitest';
import { countedAs, createNetworks, hasBitsBehind, networkOf } from './networks.ts';

describe('a network', () => {
  it.each([
    ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8 }],
    ['192.0.2.7', { address: '192.0.2.7', prefix: 32 }],
    ['fd00::/8', { address: 'fd00::', prefix: 8 }],
    ['2001:db8::1', { address: '2001:db8::1', prefix: 128 }],
    ['0.0.0.0/0', { address: '0.0.0.0', prefix: 0 }],
  ])('is written %s', (text, network) => {
    expect(networkOf(text)).toEqual(network);
  });

  it.each([
    '',
    'proxy',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '::1%1',
    ' ::1',
    '1.2.3.4:80',
    '/8',
  ])('is not written %j', (text) => {
    expect(networkOf(text)).toBeNull();
  });

  it.each([
    ['10.0.0.0/8', false],
    ['10.1.2.3/8', true],
    ['10.1.2.3', false],
    ['10.1.2.2/31', false],
    ['fd00::/8', false],
    ['fd00::1/64', true],
    ['2001:db8:0:1::/64', false],
    ['2001:db8:0:1::/63', true],
    ['0.0.0.0/0', false],
  ])('%s has bits behind its prefix: %s', (text, has) => {
    expect(hasBitsBehind(networkOf(text) ?? { address: '', prefix: 0 })).toBe(has);
  });
});

describe('the addresses of several networks', () => {
  const networks = createNetworks(
    ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'].flatMap((text) => networkOf(text) ?? []),
  );

  it.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.0.0.1', true],
    ['::ffff:0a00:0001', true],
    ['fd12::1', true],
    ['fd12::1%eth0', true],
    ['fe80::1', false],
    ['unknown', false],
    ['', false],
  ])('hold %s: %s', (address, holds) => {
    expect(networks.has(address)).toBe(holds);
  });
});

describe('an address is counted', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s as %s', (address, as) => {
    expect(countedAs(address)).toBe(as);
  });
});
