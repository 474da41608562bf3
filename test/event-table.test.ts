/** The table of events is whole: each type happens in some story, and one that has no entry does not compile. */
import type { DraftId } from '../src/core/model/made-ids.ts';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../src/core/model/input.ts';
import { EVENT_TYPES, sentenceOf } from '../src/core/model/events.ts';
import { filesBelow, read, root } from './house/project.ts';
import { policy, role, withLevel } from './support/policy.ts';
import { byPerson, cleared, declare, MINUTE, observed, Story } from './support/story.ts';
import { someWalks } from './support/walk.ts';

const HOUR = 60 * MINUTE;
const usual = new Story(policy()).answer;

function declared(by = policy(), answer = usual): Story {
  const s = new Story(by);
  s.answer = answer;
  s.feed(observed());
  s.feed(declare, byPerson('finn'));
  return s;
}

/** The alerts of a storm; a fix that does not hold; what could not be read. */
function storm(): Story {
  const s = new Story(policy());
  s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-7'] } });
  s.feed(cleared);
  s.advance(MINUTE).feed(observed());
  const unread: Fact = { type: 'DeliveryUnparsed', source: 'prom', reason: 'no JSON', count: 2 };
  s.feed(unread);
  return s;
}

/** Answered, and the answer ran out at the vendor; it clears, and fires again while nobody looks. */
function forgotten(): Story {
  const s = declared();
  s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
  s.hear('p1', 'unacknowledged');
  s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
  s.feed(cleared);
  s.advance(MINUTE).feed(observed());
  return s.advance(6 * MINUTE);
}

/** What Tocsin says of itself is over, and comes back for another reason. */
function described(): Story {
  const s = new Story(policy());
  const of = (description: string) => observed({ source: 'tocsin', description });
  s.feed(of('A token was refused.'));
  s.feed(cleared);
  s.advance(MINUTE).feed(of('The disk is full.'));
  return s;
}

/** A post that is rejected, and one that is approved and may have arrived; resolved, with a post-mortem. */
function published(): Story {
  const s = declared(withLevel('L1', { postmortemWithinMs: HOUR }), (effect) =>
    effect.name === 'statusPage.publish' ? { result: 'ambiguous', detail: '504' } : usual(effect),
  );
  s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('finn'));
  const newest = (): DraftId => Object.values(s.incident.drafts).at(-1)?.id ?? 'd0';
  s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('finn'));
  s.feed({ type: 'Join' }, byPerson('gus'));
  s.feed({ type: 'Reject', draft: newest(), reason: 'not that', closed: false }, byPerson('dev'));
  s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('finn'));
  s.feed({ type: 'Approve', draft: newest() }, byPerson('dev'));
  s.feed({ type: 'Resolve', text: null }, byPerson('finn'));
  return s.advance(2 * HOUR);
}

/** A post that its page refuses, and whose order is gone then. */
function refused(): Story {
  const no = {
    result: 'rejected',
    ofAccount: false,
    reason: 'forbidden',
    detail: 'no',
    hint: 'Look.',
  } as const;
  const s = declared(policy(), (effect) =>
    effect.name === 'statusPage.publish' ? no : usual(effect),
  );
  s.advance(5 * MINUTE);
  s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
  return s.advance(30 * MINUTE);
}

/** An audience that falls due without end, until the level is put right. */
function stuck(): Story {
  const audience = { audience: 'internal', to: { kind: 'room' }, firstWithinMs: null } as const;
  const every = (everyMs: number) =>
    withLevel('L2', { audiences: [{ ...audience, everyMs, slower: null, topOfHour: false }] });
  const s = declared(every(0));
  s.feed({ type: 'TimePassed' });
  s.policy = every(15 * MINUTE);
  return s.advance(HOUR);
}

/** The command goes to another role, then everything is over but for a word of the commander. */
function proposed(): Story {
  const roles = { ...policy().roles, chief: role('chief', { commands: true }) };
  const s = declared(policy({ roles }));
  s.feed({ type: 'TakeRole', role: 'chief' }, byPerson('finn'));
  s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('cleo'));
  s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
  s.feed(cleared);
  return s.advance(HOUR);
}

/** The commander falls asleep, somebody else takes over, and everybody leaves before the next alert. */
function forsaken(): Story {
  const presence = { high: 30 * MINUTE, low: HOUR };
  const s = declared(policy({ presence }));
  const answers = (who: string): void =>
    void s.feed({ type: 'Acknowledge', page: null }, byPerson(who));
  for (const who of ['ada', 'cleo', 'dev', 'gus']) answers(who);
  s.feed({ type: 'AssignRole', role: 'deputy', person: 'finn', confirmed: true }, byPerson('gus'));
  s.advance(42 * MINUTE);
  answers('finn');
  s.advance(33 * MINUTE);
  s.feed(observed({}, { firing: 2, total: 2 }));
  return s;
}

/** A flag that is configured otherwise than when it was set. */
function reconfigured(): Story {
  const s = declared();
  s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('finn'));
  s.reload(policy({ flags: { corrupt: { public: 'never' } } })).advance(2 * MINUTE);
  return s.reload(policy()).advance(2 * MINUTE);
}

/** Resolved at the pager while the alert fires, and nobody does anything about it. */
function endedThere(): Story {
  const s = declared();
  const [ring] = s.incident.pages['p1']?.rings ?? [];
  const there = { target: ring?.target ?? '', key: ring?.key ?? '' };
  const seen = { ...there, ref: 'x', by: 'ada', known: true, text: null };
  s.feed({ type: 'PageObserved', page: 'p1', action: 'resolved', ...seen }, byPerson('ada'));
  return s.advance(HOUR);
}

/** No pager accepts a page for some minutes. */
function unreachable(): Story {
  let isUp = false;
  const s = declared(policy(), (effect) => (isUp ? usual(effect) : null));
  s.advance(3 * MINUTE);
  isUp = true;
  for (const { effect } of s.pages('pager.trigger'))
    s.feed({
      type: 'EffectSettled',
      effect,
      settled: usual(effect) ?? { result: 'superseded', why: '' },
    });
  return s.advance(MINUTE);
}

/** What has cleared is not all that there is, until it is. */
function inPart(): Story {
  const told = (leftOut: number) => ({ told: [{ source: 'prom', group: 'prom {}', leftOut }] });
  const s = declared();
  s.feed({ ...cleared, ...told(2) });
  s.advance(HOUR);
  s.feed({ ...observed({}, { firing: 0, newlyFiring: 0 }), ...told(0) });
  return s;
}

/** An alert that is not heard of any more, is heard of again, and is held. */
function unheard(): Story {
  const s = declared();
  const stale = { firing: 0, stale: 1, newlyFiring: 0, newlyStale: 1 };
  s.feed({ ...observed({}, stale), unheard: { source: 'prom', afterMs: HOUR } });
  s.feed(observed({}, { newlyFiring: 0, heardAgain: 1 }));
  s.feed(cleared);
  s.feed({ ...cleared, alerts: { ...cleared.alerts, newlyResolved: 0, held: 1 } });
  return s;
}

/** A pager that nothing tells of cannot be asked who has answered, and can again. */
function unread(): Story {
  const s = new Story(policy({ sources: {} }));
  s.feed(observed());
  s.advance(MINUTE);
  const asked = { type: 'AnswersAsked', target: 'pd' } as const;
  s.feed({ ...asked, unread: { since: s.now - MINUTE, why: 'HTTP 403' } });
  s.feed({ ...asked, unread: null });
  return s;
}

/** Somebody who was at it does nothing when it fires again. */
function unseen(): Story {
  const s = declared();
  s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
  s.feed(cleared);
  s.feed(observed());
  return s.advance(10 * MINUTE);
}

/** It flaps, and is calm in the end. */
function flapping(): Story {
  const s = new Story(policy());
  s.feed(observed());
  for (let times = 0; times < 3; times += 1) {
    s.feed(cleared);
    s.feed(observed());
  }
  s.feed(cleared);
  return s.advance(HOUR);
}

/** The clock of the machine is accepted, which is behind. */
function turnedBack(): Story {
  const s = declared();
  s.feed({ type: 'ClockTurnedBack', after: s.now - HOUR, byMs: HOUR });
  return s;
}

const stories = [
  flapping,
  turnedBack,
  unheard,
  unread,
  unseen,
  inPart,
  described,
  storm,
  forgotten,
  forsaken,
  published,
  refused,
  stuck,
  proposed,
  reconfigured,
  endedThere,
  unreachable,
].map((tell) => tell());
const events = [...stories, ...someWalks(24, 40)].flatMap((story) => story.events);

describe('each type of event', () => {
  test('happens in some story or walk', () => {
    const seen = new Set(events.map(({ type }) => type));
    expect(EVENT_TYPES.filter((type) => !seen.has(type))).toEqual([]);
    expect(EVENT_TYPES.length).toBeGreaterThan(50);
  });

  test('is a sentence for people, which says everything in words', () => {
    const silent = events.filter((event) => {
      const text = sentenceOf(event, () => 'noon');
      return !/^\S.*\S$/s.test(text) || /undefined|NaN|\[object/.test(text);
    });
    expect(silent.map(({ type }) => type)).toEqual([]);
  });

  test('names no key: what is a key to us is a word for people', () => {
    const key = /\b(?:run|role|service|page|public|notify|audience|removed|stuck|next|alarm):\w/;
    const leaking = events.filter((event) => key.test(sentenceOf(event, () => 'noon')));
    expect(leaking.map(({ type }) => type)).toEqual([]);
  });

  test('folds back to the state that the story had', () => {
    for (const story of stories) expect(story.folded()).toEqual(story.state);
  });
});

/** The core with some texts in it changed, as the compiler sees it. */
function complaintsAbout(changes: Readonly<Record<string, readonly [string, string]>>) {
  const folder = mkdtempSync(join(tmpdir(), 'event-table-'));
  try {
    mkdirSync(join(folder, 'src'));
    cpSync(join(root, 'src/core'), join(folder, 'src/core'), { recursive: true });
    for (const path of filesBelow('src/core'))
      if (path.endsWith('.test.ts')) rmSync(join(folder, path));
    for (const [path, [before, after]] of Object.entries(changes)) {
      const text = read(path);
      expect(text.split(before), `${path} has the text once`).toHaveLength(2);
      writeFileSync(
        join(folder, path),
        text.replace(before, () => after),
      );
    }
    cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const ran = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return ran.stdout.split('\n').filter((line) => line.startsWith('src/'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an event type and a clock that have no entry do not compile', () => {
  const found = complaintsAbout({
    'src/core/model/event.ts': [
      "  | { readonly type: 'NoteAdded'; readonly text: string }",
      "  | { readonly type: 'NoteAdded'; readonly text: string }\n  | { readonly type: 'NoteLost' }",
    ],
    'src/core/model/keys.ts': [
      "  | { readonly kind: 'declare' }",
      "  | { readonly kind: 'declare' }\n  | { readonly kind: 'forgotten' }",
    ],
  });
  const at = (path: string, word: string): readonly string[] =>
    found.filter((line) => line.startsWith(`src/core/${path}(`) && line.includes(word));
  expect(at('model/events.ts', 'NoteLost')).not.toEqual([]);
  expect(at('deciding/dealing.ts', 'forgotten')).not.toEqual([]);
  expect(at('deciding/owed.ts', 'forgotten')).not.toEqual([]);
}, 60_000);
