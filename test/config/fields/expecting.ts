/** What a source is expected to send again and again. */
import { MISSING, SELF } from '../../../src/core/model/about-tocsin.ts';
import { begin, isAway } from '../../../src/core/routing/expecting.ts';
import { classify } from '../../../src/core/routing/route.ts';
import type { Loaded } from '../../../src/config/load.ts';
import type { Case } from './case.ts';
import { ALERT, MINUTE, routed, START } from './world.ts';

const expect = { match: 'service="web"', every: '5m', severity: 'bad' };
const also = { 'sources/am/expect': expect };

/** Whether it stays away after a quarter of an hour without a word. */
function isAwayAfter15m({ policy }: Loaded): boolean | null {
  const expectation = policy.sources['am']?.expect;
  if (expectation === undefined) return null;
  const now = START + 15 * MINUTE;
  return isAway(begin(expectation, START), expectation, { now, reachableFrom: START });
}

/** The level of the incident when it stays away. */
function levelWhenAway({ policy }: Loaded): string | null {
  const labels = { alertname: MISSING, source: 'am' };
  const taken = classify({ ...ALERT, labels, vendorSeverity: null }, SELF, policy);
  return taken.verdict === 'take' ? taken.routing.level : null;
}

export const expectCases: readonly Case[] = [
  {
    path: 'sources.*.expect.match',
    at: 'sources/am/expect/match',
    also,
    values: ['service="web"', 'service="db"'],
    see: ({ policy }) => routed(policy).verdict,
    sees: ['suppress', 'take'],
  },
  {
    path: 'sources.*.expect.every',
    at: 'sources/am/expect/every',
    also,
    values: ['5m', '10m'],
    see: isAwayAfter15m,
    sees: [true, false],
  },
  {
    path: 'sources.*.expect.severity',
    at: 'sources/am/expect/severity',
    also,
    values: ['bad', 'mild'],
    see: levelWhenAway,
    sees: ['bad', 'mild'],
  },
];
