/** Which late words of a vendor count beside a newer one. */
import { describe, expect, test } from 'vitest';
import { vendorIncident } from '../../../test/support/engine.ts';
import type { VendorIncidentAction } from '../../core/model/alert.ts';
import { hasEnded, isUndone, newsOf } from './words-in-order.ts';

const AT = 1_767_614_460_500;
const word = (action: VendorIncidentAction, observedAt: number | null = AT) =>
  vendorIncident({ action, observedAt });
const behind = (newer: VendorIncidentAction, late: VendorIncidentAction): boolean =>
  isUndone(word(late, AT - 5_000), newsOf(word(newer), []));

describe('a late word', () => {
  test.each<[late: VendorIncidentAction, newer: VendorIncidentAction]>([
    ['acknowledged', 'unacknowledged'],
    ['acknowledged', 'reopened'],
    ['unacknowledged', 'acknowledged'],
    ['unacknowledged', 'resolved'],
    ['reopened', 'acknowledged'],
    ['reopened', 'resolved'],
    ['resolved', 'reopened'],
    ['resolved', 'acknowledged'],
    ['merged', 'unacknowledged'],
    ['triggered', 'resolved'],
  ])('"%s" undoes nothing that "%s" said', (late, newer) => {
    expect(behind(newer, late)).toBe(true);
  });

  test.each<[late: VendorIncidentAction, newer: VendorIncidentAction]>([
    ['acknowledged', 'acknowledged'],
    ['acknowledged', 'resolved'],
    ['acknowledged', 'merged'],
    ['acknowledged', 'priority_changed'],
    ['resolved', 'escalated'],
    ['unacknowledged', 'reassigned'],
    ['noted', 'resolved'],
    ['triggered', 'acknowledged'],
  ])('"%s" is heard behind "%s"', (late, newer) => {
    expect(behind(newer, late)).toBe(false);
  });

  test('of which nobody tells when it was said is heard, and makes nothing old', () => {
    const heard = newsOf(word('resolved'), []);
    expect(isUndone(word('triggered', null), heard)).toBe(false);
    expect(hasEnded(word('acknowledged', null), heard)).toBe(false);
    expect(newsOf(word('reopened', null), heard)).toEqual([]);
  });

  test('that is heard for something else leaves the newest as it is', () => {
    const heard = newsOf(word('resolved'), []);
    expect(newsOf(word('acknowledged', AT - 5_000), heard)).toEqual([]);
  });
});

test('of two words of one second the later to arrive is remembered, at the later instant', () => {
  const heard = newsOf(word('acknowledged'), []);
  expect(newsOf(word('reopened', AT - 500), heard)).toEqual([
    { about: 'answer', says: false, at: AT },
    { about: 'end', says: false, at: AT },
  ]);
});
