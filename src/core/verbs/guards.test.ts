import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, declare, observed, Story } from '../../../test/support/story.ts';
import type { Actor } from '../model/input.ts';
import { refusedNow } from './guards.ts';
import { type RequestType, verbOf } from './table.ts';

const ada = byPerson('ada');
const script: Actor = { kind: 'machine', id: 'robot', via: 'api' };

/** What is asked before anything is decided: nobody has said which page, which draft, which text. */
function asked(s: Story, type: RequestType, actor: Actor = ada): string | null {
  const { acts } = verbOf(type);
  if (acts === null) throw new Error(`${type} acts on no incident`);
  const asking = { state: s.incident, policy: s.policy, input: { actor } };
  return refusedNow(acts, asking)?.code ?? null;
}

function inTriage(): Story {
  const s = new Story(policy());
  s.feed(observed());
  return s;
}

function declared(): Story {
  const s = inTriage();
  s.feed(declare, ada);
  return s;
}

describe('whether a verb is allowed now is known without a decision:', () => {
  test('an incident is declared once', () => {
    expect(asked(inTriage(), 'Declare')).toBeNull();
    expect(asked(declared(), 'Declare')).toBe('already_declared');
  });

  test('a root cause is found after the declaration, and once', () => {
    const s = declared();
    expect(asked(inTriage(), 'RootCauseFound')).toBe('not_declared');
    expect(asked(s, 'RootCauseFound')).toBeNull();
    s.feed({ type: 'RootCauseFound', text: 'A full disk.' }, ada);
    expect(asked(s, 'RootCauseFound')).toBe('already_found');
  });

  test('only a person acknowledges, and approves a public post', () => {
    for (const type of ['Acknowledge', 'Approve'] as const) {
      expect(asked(declared(), type)).toBeNull();
      expect(asked(declared(), type, script)).toBe('person_needed');
    }
    expect(asked(declared(), 'Reject', script)).toBeNull();
  });

  test('nothing is approved for an incident that is kept from the public', () => {
    const s = declared();
    s.feed({ type: 'SetFlag', flag: 'leak' }, ada);
    expect(asked(s, 'Approve')).toBe('not_public');
    expect(asked(s, 'Reject')).toBeNull();
  });

  test('what is over is reopened, and nothing else is', () => {
    const s = declared();
    expect(asked(s, 'Reopen')).toBe('not_over');
    s.feed({ type: 'Resolve', text: null }, ada);
    expect([asked(s, 'Reopen'), asked(s, 'Resolve')]).toEqual([null, 'over']);
  });
});
