import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, observed, reported, Story } from '../../../test/support/story.ts';
import { ReportImpact } from './severity-verbs.ts';

test.each(Object.keys(ReportImpact.fields))('the impact in %s is kept and said', (measure) => {
  const s = new Story(policy());
  s.feed(observed());
  const request = { ...reported({}), [measure]: 7 };
  expect(s.feed(request, byPerson('ada')).ok).toBe(true);
  expect(s.incident.impact).toEqual({ [measure]: 7 });
  const { what } = ReportImpact.said(request, 'inc-1', {
    isNew: false,
    level: 'L2',
    waitsFor: null,
  });
  expect(what).toContain(`${measure} 7`);
  expect(ReportImpact.summary).toContain(measure);
});
