/** Roles that change hands: whose phone rings for an offer, with what else it has nothing to do, and who commands meanwhile. */
import { describe, expect, test } from 'vitest';
import { policy, role, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  type PageObserved,
  ringing,
  ringsAt,
  Story,
} from '../../../test/support/story.ts';
import { ringingOf } from '../paging/joining.ts';
import type { Policy } from '../model/policy.ts';
import type { Page } from '../model/incident.ts';

const acknowledge = { type: 'Acknowledge', page: null } as const;

/** Declared by Ben; Ada has answered as expert, Cleo as commander. */
function commanded(by: Policy = policy()): Story {
  const s = new Story(by);
  s.feed(observed());
  s.feed(acknowledge, byPerson('ada'));
  s.feed(declare, byPerson('ben'));
  s.feed(acknowledge, byPerson('cleo'));
  s.feed(acknowledge, byPerson('dev'));
  s.feed(acknowledge, byPerson('gus'));
  return s.advance(20 * MINUTE);
}

function offers(s: Story, person: string, what = 'commander'): Story {
  const asked = { role: what, person, confirmed: false };
  expect(s.feed({ type: 'AssignRole', ...asked }, byPerson('cleo'))).toMatchObject({ ok: true });
  return s;
}

function pageOf(s: Story): Page {
  const pages = Object.values(s.incident.pages);
  const page = pages.findLast(({ escalations }) =>
    escalations.some((id) => id.startsWith('offer')),
  );
  if (page === undefined) throw new Error('nothing was offered');
  return page;
}

function seen(s: Story, page: Page, { action, by }: Pick<PageObserved, 'action' | 'by'>): void {
  s.hear(page.id, action, { ref: 'r', known: true, by });
}

test('an offer that ends because the role was taken says once who has it', () => {
  const s = offers(commanded(), 'finn');
  s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('ben'));
  expect(s.messages().map(({ text }) => text)).toContain(
    'inc-1: the offer of commander by cleo to finn is over: ben is commander now.',
  );
});

describe('the phone of somebody who is offered a role', () => {
  test('rings for itself although one rings for a related incident already, and no other joins it', () => {
    const s = commanded();
    s.lookups = { ...noLookups, ...ringsAt(ringing({ person: 'finn', since: s.now - MINUTE })) };
    offers(s, 'finn');
    expect(pageOf(s).rings).toMatchObject([
      { key: `tocsin/test/inc-1/${pageOf(s).id}`, status: 'confirmed' },
    ]);
    expect(ringingOf(s.incident, pageOf(s))).toBeNull();
  });

  test('says what is offered, by whom, and how it is taken or not', () => {
    const s = offers(commanded(), 'finn');
    const { effect } = s.pages('pager.trigger').at(-1) ?? {};
    expect(effect?.title).toMatch(/^cleo offers you commander: \[L2\] /);
    expect(effect?.body).toContain('cleo offers you the role commander.');
    expect(effect?.body).toContain('`tocsin accept inc-1`');
    expect(effect?.body).toContain('`tocsin decline inc-1 --why "..."`');
  });

  test('is not the phone that rings for another role of theirs, whichever rings first', () => {
    const s = offers(commanded(), 'finn');
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('cleo'));
    const pages = Object.values(s.incident.pages).filter(({ person }) => person === 'finn');
    expect(pages.map(({ escalations }) => escalations.length)).toEqual([1, 1]);
    s.feed(acknowledge, byPerson('finn'));
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      deputy: { person: 'finn' },
    });
    s.feed({ type: 'AcceptOffer', role: null }, byPerson('finn'));
    expect(s.incident.roles['commander']).toMatchObject({ person: 'finn' });
  });

  test('is answered by one that is found so at the pager', () => {
    const s = offers(commanded(), 'finn');
    seen(s, pageOf(s), { action: 'acknowledged', by: 'finn' });
    expect(s.incident.roles['commander']).toMatchObject({ person: 'finn' });
    expect(pageOf(s).state).toBe('closed');
    seen(s, pageOf(s), { action: 'unacknowledged', by: null });
    expect(pageOf(s).state, 'its answer cannot run out').toBe('closed');
  });

  test('is not answered by the automation of the pager', () => {
    const s = offers(commanded(), 'finn');
    seen(s, pageOf(s), { action: 'acknowledged', by: null });
    expect(s.incident.roles['commander']).toMatchObject({ person: 'cleo' });
    expect(pageOf(s).state).toBe('open');
  });

  test('that cannot be reached by any pager ends the offer at once, and its alarm with it', () => {
    const s = commanded();
    s.answer = (effect) =>
      effect.name === 'pager.trigger'
        ? {
            result: 'rejected',
            ofAccount: false,
            reason: 'not_found',
            detail: 'no such user',
            hint: 'Look.',
          }
        : { result: 'delivered', receipt: 'confirmed', externalRef: 'r', url: null };
    offers(s, 'finn');
    expect(s.last('EscalationEnded')?.because).toBe('the page to Finn cannot be delivered');
    expect(s.incident.alarms).toEqual({});
    expect(s.owed().map(({ clock }) => clock.kind)).not.toContain('offer');
  });
});

describe('an offer', () => {
  test('is told in words that people read', () => {
    const s = offers(commanded(), 'finn').advance(6 * MINUTE);
    const words = s.types().lastIndexOf('EscalationStarted');
    expect(s.events[words]).toMatchObject({ escalation: { key: { kind: 'offer', from: 'cleo' } } });
    expect(s.last('EscalationEnded')?.because).toBe('finn did not answer within 5 minutes');
  });

  test('that lapsed and is made again is a new one: a late answer to the first takes nothing', () => {
    const s = offers(commanded(), 'finn').advance(6 * MINUTE);
    const first = pageOf(s);
    offers(s, 'gus');
    seen(s, first, { action: 'acknowledged', by: 'finn' });
    expect(s.incident.roles['commander']).toMatchObject({ person: 'cleo' });
    seen(s, pageOf(s), { action: 'acknowledged', by: 'gus' });
    expect(s.incident.roles['commander']).toMatchObject({ person: 'gus' });
  });

  test('of a level that was raised since does not ring once more, be it accepted or not', () => {
    const s = new Story(withLevel('L3', { declare: { by: ['person'], orAfterMs: null } }));
    s.feed(observed({ level: 'L3' }));
    s.feed(declare, byPerson('ben'));
    s.feed(
      { type: 'AssignRole', role: 'writer', person: 'gus', confirmed: false },
      byPerson('ben'),
    );
    s.feed(
      { type: 'AssignRole', role: 'deputy', person: 'eve', confirmed: false },
      byPerson('ben'),
    );
    s.feed({ type: 'AcceptOffer', role: null }, byPerson('gus'));
    const before = Object.keys(s.incident.pages).length;
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('ben'));
    const after = Object.values(s.incident.pages).slice(before);
    expect(after.flatMap(({ escalations }) => escalations)).not.toContainEqual(
      expect.stringContaining('offer'),
    );
  });

  test('to somebody who is gone from the configuration ends', () => {
    const s = offers(commanded(), 'finn');
    const { finn: _gone, ...people } = s.policy.people;
    s.reload({ ...s.policy, people }).advance(2 * MINUTE);
    expect(s.last('EscalationEnded')?.because).toBe(
      'finn is not among the people of the configuration any more',
    );
  });

  test('by a machine is one, whatever the machine is called', () => {
    const s = commanded();
    const robot = { kind: 'machine', id: 'finn', via: 'api' } as const;
    s.feed({ type: 'AssignRole', role: 'deputy', person: 'finn', confirmed: false }, robot);
    expect(s.incident.roles).not.toHaveProperty('deputy');
    expect(pageOf(s)).toMatchObject({ person: 'finn', state: 'open' });
  });

  test('by a machine is told where everybody reads it', () => {
    const s = commanded();
    s.feed(
      { type: 'AssignRole', role: 'deputy', person: 'finn', confirmed: false },
      { kind: 'machine', id: 'robot', via: 'api' },
    );
    s.feed({ type: 'DeclineOffer', role: null, why: 'asleep.' }, byPerson('finn'));
    expect(s.messages().at(-1)).toMatchObject({
      channel: 'shop',
      text: 'inc-1: the offer of deputy by robot to finn is over: finn declined: asleep. Nobody is deputy.',
    });
  });
});

describe('whoever hands a role over', () => {
  test('is not looked for again when their own answer runs out at the pager', () => {
    const s = commanded(
      policy({
        roles: {
          ...policy().roles,
          commander: role('commander', {
            page: { kind: 'person', person: 'cleo' },
            commands: true,
          }),
          voice: role('voice', { page: { kind: 'person', person: 'cleo' } }),
        },
      }),
    );
    const page = Object.values(s.incident.pages).find(({ person }) => person === 'cleo');
    if (page === undefined) throw new Error('nobody rang Cleo');
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      voice: { person: 'cleo' },
    });
    s.feed(
      { type: 'HandOff', role: 'commander', person: 'finn', confirmed: true },
      byPerson('cleo'),
    );
    expect(s.incident.pages[page.id]?.state, 'it rang for the voice as well').toBe('acknowledged');
    seen(s, page, { action: 'unacknowledged', by: null });
    expect(s.incident.escalations['role:commander']?.state).toBe('answered');
    expect(s.incident.escalations['role:voice']?.state).toBe('open');
  });
});

describe('the command', () => {
  const two = policy({
    roles: {
      ...policy().roles,
      chief: role('chief', { page: { kind: 'person', person: 'eve' }, commands: true }),
    },
  });
  const takes = (s: Story, what: string, by: string): void =>
    void s.feed({ type: 'TakeRole', role: what }, byPerson(by));

  test('is one person’s, by whatever role: whoever takes it by another ends the first', () => {
    const s = commanded(two);
    takes(s, 'chief', 'eve');
    expect(Object.keys(s.incident.roles)).not.toContain('commander');
    expect(s.last('RoleEnded')).toMatchObject({
      role: 'commander',
      person: 'cleo',
      because: 'eve commands as chief',
    });
  });

  test('is one person’s also where they have it by two roles', () => {
    const s = commanded(two);
    takes(s, 'chief', 'cleo');
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      chief: { person: 'cleo' },
    });
    takes(s, 'commander', 'finn');
    expect(s.incident.roles).toMatchObject({ commander: { person: 'finn' } });
    expect(Object.keys(s.incident.roles)).not.toContain('chief');
  });
});
