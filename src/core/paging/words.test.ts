/** What a phone says that begins to ring now. */
import { expect, test } from 'vitest';
import { policy, role, withLevel } from '../../../test/support/policy.ts';
import { byPerson, observed, Story } from '../../../test/support/story.ts';
import { wordsNow } from './words.ts';

/** Ada is wanted as expert and to command, and no pager has taken her page yet. */
function wantedForTwo(): Story {
  const page = { triage: ['expert', 'commander'], declared: [], commanded: [], onRequest: [] };
  const roles = {
    ...policy().roles,
    commander: role('commander', { commands: true, page: { kind: 'person', person: 'ada' } }),
  };
  const s = new Story(withLevel('L2', { page }, { roles }));
  s.answer = () => null;
  s.feed(observed());
  return s;
}

function bodyOf(s: Story): string {
  const page = s.incident.pages['p1'];
  const [ring] = page?.rings ?? [];
  if (page === undefined || ring === undefined) throw new Error('nobody is rung');
  return wordsNow({ state: s.incident, policy: s.policy, now: s.now }, { page, ring }).body;
}

test('all that it rings for is named', () => {
  const body = bodyOf(wantedForTwo());
  expect(body).toContain('You are needed as expert. You are needed as commander.');
});

test('what somebody else has taken since is not', () => {
  const s = wantedForTwo();
  s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('ben'));
  const body = bodyOf(s);
  expect(body).toContain('You are needed as expert.');
  expect(body).not.toContain('commander');
});
