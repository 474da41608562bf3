/** What an incident says while answers at a pager are not heard: after how long, how often, and where it has nothing to say. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, declare, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import type { Policy } from '../model/policy.ts';

const SECOND = 1_000;

/** No source tells of any pager. */
const untold = (): Policy => policy({ sources: {} });

/** It fires, and a phone rings at `pd`. */
function rung(by = untold(), answer?: Story['answer']): Story {
  const s = new Story(by);
  if (answer !== undefined) s.answer = answer;
  s.feed(observed());
  return s;
}

/** A round of questions is over: the pager could not be asked since the instant, or has told all. */
function asked(s: Story, since: number | null): Story {
  const unread = since === null ? null : { since, why: 'HTTP 403' };
  s.feed({ type: 'AnswersAsked', target: 'pd', unread });
  return s;
}

const told = (s: Story): readonly string[] =>
  s.types().filter((type) => type.startsWith('Answers'));

const said = (s: Story): readonly string[] =>
  s.messages().flatMap(({ text }) => (/answers? at pd/.test(text) ? [text] : []));

describe('answers at a pager that cannot be asked', () => {
  test('are spoken of after a minute, and not before', () => {
    const s = rung();
    asked(s.advance(59 * SECOND), START);
    expect(told(s)).toEqual([]);
    asked(s.advance(SECOND), START);
    expect(told(s)).toEqual(['AnswersUnheard']);
    expect(said(s)).toEqual([
      expect.stringMatching(/cannot be asked who has answered \(HTTP 403\).*`tocsin ack inc-1`\.$/),
    ]);
  });

  test('are spoken of once, however often it is asked, and once when it is over', () => {
    const s = rung().advance(MINUTE);
    for (let i = 0; i < 3; i += 1) asked(s.advance(30 * SECOND), START);
    for (let i = 0; i < 3; i += 1) asked(s.advance(30 * SECOND), null);
    expect(told(s)).toEqual(['AnswersUnheard', 'AnswersHeardAgain']);
    expect(said(s)).toHaveLength(2);
    expect(s.incident.unheardAnswers).toEqual({});
  });

  test('are spoken of anew where all that rang then was answered and another phone rings', () => {
    const s = asked(rung().advance(MINUTE), START).advance(1_000);
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.feed(declare, byPerson('finn'));
    asked(s.advance(MINUTE), START);
    expect(told(s)).toEqual(['AnswersUnheard', 'AnswersUnheard']);
  });

  test.each<[string, Story]>([
    ['a source tells of it', rung(policy())],
    ['its pager has not taken the page', rung(untold(), () => null)],
    [
      'it is over',
      (() => {
        const s = rung();
        s.feed({ type: 'MarkFalsePositive', reason: 'noise' }, byPerson('ada'));
        return s;
      })(),
    ],
  ])('are not spoken of where %s', (_why, s) => {
    asked(s.advance(2 * MINUTE), START);
    expect(told(s)).toEqual([]);
  });

  test('are not spoken of as heard again where nobody missed them', () => {
    expect(told(asked(rung().advance(MINUTE), null))).toEqual([]);
  });
});
