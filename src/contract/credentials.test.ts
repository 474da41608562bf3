import { describe, expect, it } from 'vitest';
import { isBasic, isBearer, isOneOf } from './credentials.ts';
import { Secret } from './secret.ts';

const valid = [new Secret('new'), new Secret('old:one')];
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('a credential', () => {
  it('is one of several during a rotation', () => {
    expect([
      isOneOf('new', valid),
      isOneOf('old:one', valid),
      isOneOf('ne', valid),
      isOneOf('', valid),
      isOneOf('new', []),
    ]).toEqual([true, true, false, false, false]);
  });

  it.each([
    ['Bearer new', true],
    ['bearer  new ', true],
    ['Bearer', false],
    ['Bearer new more', false],
    ['Basic new', false],
    [undefined, false],
  ])('as %j in Authorization', (header, accepted) =>
    expect(isBearer(header, valid)).toBe(accepted),
  );

  it.each([
    [basic('ada:old:one'), true],
    [basic('ada:new'), true],
    [basic('eve:new'), false],
    [basic('ada:old'), false],
    [basic('adanew'), false],
    [`${basic('ada:new')}0`, false],
    [`${basic('ada:new')}!`, false],
    ['Basic', false],
    [undefined, false],
  ])('as %j with a user name', (header, accepted) =>
    expect(isBasic(header, 'ada', valid)).toBe(accepted),
  );
});
