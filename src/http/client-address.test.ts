import { describe, expect, it } from 'vitest';
import { createNetworks, networkOf } from '../lib/networks.ts';
import { clientAddress } from './client-address.ts';

const trusted = createNetworks(['10.0.0.0/8', 'fd00::/8'].flatMap((text) => networkOf(text) ?? []));
const nobody = createNetworks([]);

describe('the address of who asks', () => {
  it.each([
    ['198.51.100.9', undefined, '198.51.100.9', 'no proxy is there'],
    ['10.0.0.1', undefined, '10.0.0.1', 'the proxy itself asks'],
    ['10.0.0.1', '203.0.113.5', '203.0.113.5', 'a proxy says whom it heard it from'],
    ['::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5', 'it speaks IPv4 over IPv6'],
    ['fd00::1', '2001:db8::5', '2001:db8::5', 'all speak IPv6'],
    ['10.0.0.1', '203.0.113.5, 10.0.0.2', '203.0.113.5', 'two proxies stand one behind the other'],
    ['10.0.0.1', '192.0.2.1, 203.0.113.5', '203.0.113.5', 'the client has made up a part of it'],
    ['10.0.0.1', '10.9.9.9, 203.0.113.5', '203.0.113.5', 'the client pretends to be a proxy'],
    ['198.51.100.9', '203.0.113.5', '198.51.100.9', 'a stranger sends the header'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3', 'one from inside asks'],
    ['10.0.0.1', '203.0.113.5:4711', '203.0.113.5', 'the proxy adds the port'],
    ['10.0.0.1', '[2001:db8::5]:4711', '2001:db8::5', 'the proxy adds the port to IPv6'],
    ['10.0.0.1', '203.0.113.5, unknown', '10.0.0.1', 'the proxy does not know it'],
    ['10.0.0.1', '203.0.113.5, <script>, 10.0.0.2', '10.0.0.2', 'something else stands there'],
    ['10.0.0.1', '', '10.0.0.1', 'the header is empty'],
    [undefined, '203.0.113.5', 'unknown', 'the connection is gone'],
  ] as const)('from %s with %j is %s: %s', (...[peer, forwarded, address]) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(address);
  });

  it('is that of the connection while no proxy is named', () => {
    expect(clientAddress('10.0.0.1', '203.0.113.5', nobody)).toBe('10.0.0.1');
  });
});
