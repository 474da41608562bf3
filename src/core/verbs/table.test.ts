/** What is easily forgotten with a verb that is new: that the incident may be closed already. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, declare, observed, Story } from '../../../test/support/story.ts';
import { refusedNow } from './guards.ts';
import { isRequestType, type RequestType, verbOf, VERBS } from './table.ts';

/** What may still be done after the end, and why. */
const AFTER_THE_END: Readonly<Partial<Record<RequestType, string>>> = {
  AddNote: 'what is found out later belongs into the same timeline',
  Approve: 'the last public post may wait for its approval longer than the incident lasts',
  Reject: 'whoever may approve that post may also stop it',
  Reopen: 'it is the way back',
};

const ada = byPerson('ada');
const acting = Object.keys(VERBS)
  .filter(isRequestType)
  .filter((type) => verbOf(type).acts !== null);

/** By which refusal a person learns that the verb comes too late; null: by none. */
function refusalWhenClosed(type: RequestType): string | null {
  const { acts } = verbOf(type);
  if (acts === null) throw new Error(`${type} acts on no incident`);
  const s = new Story(policy());
  s.feed(observed());
  s.feed(declare, ada);
  s.feed({ type: 'MarkFalsePositive', reason: 'A load test.' }, ada);
  expect(s.incident.phase).toBe('closed');
  return (
    refusedNow(acts, { state: s.incident, policy: s.policy, input: { actor: ada } })?.code ?? null
  );
}

test.each(acting.filter((type) => !Object.hasOwn(AFTER_THE_END, type)))(
  '%s is refused by its guards once the incident is closed',
  (type) => {
    expect(
      ['closed', 'over'],
      `${type} acts on a closed incident: guard it by notOver or notClosed, or say in AFTER_THE_END why it may`,
    ).toContain(refusalWhenClosed(type));
  },
);

test.each(Object.entries(AFTER_THE_END))(
  '%s may be asked for once the incident is closed: %s',
  (type) => {
    expect(refusalWhenClosed(type as RequestType)).toBeNull();
  },
);

test('what is asked of the installation is no request about an incident, and neither is what every object has', () => {
  expect(['SetPause', 'ReloadConfiguration', 'constructor'].filter(isRequestType)).toEqual([]);
});
