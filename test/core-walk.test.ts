/** Random walks over the core: whatever happens in whatever order, the invariants hold. */
import { expect, test } from 'vitest';
import { holderOf, whyFound, whyResting } from '../src/core/command/presence.ts';
import { CALM_MS, isProvenQuiet, quietFrom, quietSince } from '../src/core/model/quiet.ts';
import { EVENT_TYPES, evolve } from '../src/core/model/events.ts';
import { isOver, type Incident, type Page } from '../src/core/model/incident.ts';
import { decodeEscalation, type EscalationId } from '../src/core/model/keys.ts';
import { isOwed } from '../src/core/model/incident.ts';
import type { Role } from '../src/core/model/policy.ts';
import { answersOf } from '../src/core/deciding/axes.ts';
import { escalation, policy, role, withLevel } from './support/policy.ts';
import { byPerson, declare, MINUTE, observed, Story } from './support/story.ts';
import { checkWalks, someWalks } from './support/walk.ts';

/** More by `WALKS=2000 npx vitest run test/core-walk.test.ts`. */
const WALKS = Number(process.env['WALKS'] ?? 60);

/** Every obligation is there once and reads like no other, whatever owes nothing says why, and nothing got stuck. */
function checkInvariants(story: Story): void {
  const where = `after ${story.events.at(-1)?.type ?? ''}`;
  const owed = story.owed();
  const all = owed.map(({ what }) => what);
  expect(all, `${where}: two obligations read alike`).toEqual([...new Set(all)]);
  for (const { owed: answer } of answersOf(story.incident, story.context))
    if ('nothing' in answer)
      expect(answer.nothing, `${where}: owes nothing and says not why`).not.toBe('');
  expect(story.incident.stuck, `${where}: something could not be dealt with`).toEqual({});
  checkRoles(story);
}

/** Nobody has two roles that exclude each other, and as soon as somebody commands, exactly one person does. */
function checkRoles({ incident, policy, events }: Story): void {
  const held = Object.entries(incident.roles).map(([role, { person }]) => ({ role, person }));
  for (const { role, person } of held)
    for (const other of policy.roles[role]?.neverWith ?? [])
      expect(incident.roles[other]?.person, `${person} is ${role} and ${other}`).not.toBe(person);
  const commanding = held.filter(({ role }) => policy.roles[role]?.commands === true);
  const wasCommanded = events.some(
    (event) => event.type === 'RoleFilled' && event.kept?.commands === true,
  );
  expect(new Set(commanding.map(({ person }) => person)).size, 'commanders').toBe(
    wasCommanded ? 1 : 0,
  );
}

/** Whoever holds an open incident is missed sooner or later, and is looked for only while they are. */
function checkPresence(story: Story): void {
  const { incident: state, policy } = story;
  const holder = holderOf({ state, policy });
  const search = state.escalations['presence'];
  // While nothing fires in triage every wait stands.
  const isMissed =
    !isOver(state) &&
    quietFrom(state) === null &&
    whyResting({ state }) === null &&
    typeof holder !== 'string';
  if (isOwed(search)) expect(whyFound({ state, policy }, search), 'looked for').toBeNull();
  else if (isMissed) expect(story.owed().map(({ clock }) => clock.kind)).toContain('presence');
}

/** What is over and rings nobody leaves nothing open at a vendor, where it would run out one day and ring. */
function checkLeftOpen({ incident }: Story): void {
  const { phase, escalations, pages } = incident;
  if (phase !== 'closed' || Object.values(escalations).some(({ state }) => state !== 'ended'))
    return;
  const left = Object.values(pages).filter(({ state }) => state !== 'closed');
  expect(
    left.map(({ id, state }) => `${id} is ${state}`),
    'left at its pager',
  ).toEqual([]);
}

/** After each step, and after what has fallen due with it. */
function checkStep(story: Story): void {
  checkInvariants(story);
  story.advance(0);
  checkInvariants(story);
  checkPresence(story);
  checkLeftOpen(story);
  for (const { what, dueAt } of story.owed())
    expect(dueAt, `overdue: ${what}`).toBeGreaterThan(story.now);
}

function checkSends(story: Story): void {
  // What a pager refuses to our account is asked for on, by the same order.
  const ids = [...new Set(story.sent.map(({ effect }) => effect))].map(({ id }) => id);
  expect(new Set(ids).size, 'an effect id twice').toBe(ids.length);
  const over = story.events.find(
    (event) => event.type === 'IncidentResolved' || event.type === 'IncidentClosed',
  );
  const reopened = story.events.some((event) => event.type === 'IncidentReopened');
  if (over !== undefined && !reopened) {
    const late = story
      .pages('pager.trigger')
      .filter(
        (one) =>
          one.at > over.at &&
          !(story.incident.pages[one.effect.page]?.escalations ?? []).some(
            (run) => story.incident.escalations[run]?.key.kind === 'alarm',
          ),
      );
    expect(late, 'a page after the end').toEqual([]);
  }
}

/** While nothing fires, nothing is declared as still firing, and in triage no wait comes to its end. */
function checkQuiet(story: Story): void {
  let before: Incident | null = null;
  for (const event of story.events) {
    const where = `event ${event.version} while nothing fires`;
    if (event.type === 'IncidentDeclared' && event.how === 'still_firing')
      expect(before?.alerts.firing, where).toBeGreaterThan(0);
    const isEnding = event.type === 'SoakStarted' || event.type === 'ResolutionProposed';
    if (isEnding && before !== null) expect(isProvenQuiet(before), where).toBe(true);
    const isOver =
      event.type === 'EscalationAdvanced' && event.because === 'nobody answered in time';
    if (isOver && before?.phase === 'triage') {
      const calmAt = (quietSince(before) ?? Infinity) + CALM_MS;
      expect(Math.min(quietFrom(before) ?? Infinity, calmAt), where).toBeGreaterThan(event.at);
    }
    before = evolve(before, event);
  }
}

/** Words of people that no built-in text has: none of them is public before a person approved it. */
const WORDS_OF_PEOPLE = /\ba (?:text|cause|note|reason)\b|noise|customer/;

function checkPublicWords(story: Story): void {
  for (const { at, effect } of story.sent) {
    if (effect.name !== 'statusPage.publish') continue;
    if (!WORDS_OF_PEOPLE.test(`${effect.title} ${effect.body}`)) continue;
    const approval = story.events.find(
      (event) => event.type === 'PostApproved' && event.draft === effect.draft && event.at <= at,
    );
    expect(approval?.actor.kind, `words of a person went out unapproved: ${effect.body}`).toBe(
      'person',
    );
  }
}

function isCall(id: EscalationId): boolean {
  return decodeEscalation(id).kind === 'alarm';
}

/**
 * Whether whoever answers it gets the role: it looks for somebody in it or for whoever stands in, or offers it, or it looks
 * for the on-call, whose role it is.
 */
function mayFill(id: EscalationId, { id: role, page }: Pick<Role, 'id' | 'page'>): boolean {
  const key = decodeEscalation(id);
  if (key.kind === 'presence') return true;
  if (key.kind === 'service' && page.kind === 'service_on_call') return true;
  return (key.kind === 'role' || key.kind === 'offer') && key.role === role;
}

/** Whether it looks for somebody: whoever answers that may be found in it for another role a moment later. */
function isSearch(id: EscalationId): boolean {
  return ['role', 'service'].includes(decodeEscalation(id).kind);
}

/** What pages rang for when they were answered: what they are to serve since is no part of the answer. */
class Answers {
  readonly #rangFor = new Map<string, readonly EscalationId[]>();

  hear(before: Incident | null, event: Story['events'][number]): void {
    if (event.type === 'PageUnacknowledged') this.#rangFor.delete(event.page);
    if (event.type !== 'PageAcknowledged') return;
    const page = before?.pages[event.page];
    if (page !== undefined) this.#rangFor.set(page.id, page.escalations);
  }

  /** Whether an answer to the page may have filled the role. */
  mayFill(
    { id, escalations }: Pick<Page, 'id' | 'escalations'>,
    role: Pick<Role, 'id' | 'page'>,
  ): boolean {
    const rangFor = this.#rangFor.get(id) ?? escalations;
    return (
      rangFor.some((one) => mayFill(one, role)) ||
      (rangFor.some(isSearch) && escalations.some((one) => mayFill(one, role)))
    );
  }
}

/**
 * An alarm rings nobody beside a page of theirs that rings, and the next one an interval later; a role is filled by whoever
 * answers a page that looked for them or for somebody in it, and so by no answer to an alarm alone.
 */
function checkAlarms(story: Story): void {
  const { alarmEveryMs } = story.policy.automation;
  const answers = new Answers();
  let before: Incident | null = null;
  for (const event of story.events) {
    const where = `event ${event.version}`;
    const pages = Object.values(before?.pages ?? {});
    if (event.type === 'PageRequested' && event.page.escalations.some(isCall)) {
      const beside = pages.filter(
        ({ id, person, state, adopted, escalations }) =>
          !event.page.insteadOf.includes(id) &&
          person !== null &&
          person === event.page.person &&
          state === 'open' &&
          !adopted &&
          // An offer is a question of its own.
          !escalations.some((id) => decodeEscalation(id).kind === 'offer'),
      );
      expect(beside, `${where}: an alarm rings beside`).toEqual([]);
    }
    if (event.type === 'EscalationAdvanced' && isCall(event.escalation)) {
      const call = before?.escalations[event.escalation];
      if (call?.state === 'open' && event.because === 'nobody answered in time')
        expect(event.at - call.since, `${where}: the interval`).toBeGreaterThanOrEqual(
          alarmEveryMs,
        );
    }
    if (event.type === 'RoleFilled' && event.how === 'acknowledgement' && event.kept !== null) {
      const role = event.kept;
      const answered = pages.filter(
        ({ id, escalations, acknowledgedBy, person, state }) =>
          answers.mayFill({ id, escalations }, role) &&
          // Whoever answers at the pager what had ended here is anybody.
          (state === 'closed' || [acknowledgedBy, person].includes(event.person)),
      );
      // Whoever was given a role ends the search for it.
      if (before?.roles[event.role]?.person !== event.person)
        expect(answered, `${where}: a role that nobody was rung for`).not.toEqual([]);
    }
    answers.hear(before, event);
    before = evolve(before, event);
  }
}

/** What no walk brings about, and the stories that do. */
const ELSEWHERE: readonly string[] = [
  // The walks' incidents are no storm's, their level asks for no post-mortem, and their deliveries can be read.
  'StormGathered',
  'PostmortemDue',
  'DeliveriesUnparsed',
  // Too rare for so few walks, whose ways differ with each new decision: stories of their own tell of them.
  'PageUnacknowledged',
  'PostTriedAgain',
  'PostUnknown',
  'AlertsUnattended',
  'AlertsHeardAgain',
  'AnswersHeardAgain',
  'SoakBroken',
  'FlappingEnded',
  'ResolutionProposed',
  // That nothing gets stuck is what the walks are about.
  'ClockStuck',
  'ClockFreed',
];

test('in random incidents there is no dead end, folding equals the state, and nothing is sent twice or after the end', () => {
  const types = new Set<string>(ELSEWHERE);
  checkWalks('anything', WALKS, {
    between: checkStep,
    after: (story) => {
      expect(story.folded(), 'folding the events').toEqual(story.state);
      checkSends(story);
      checkQuiet(story);
      checkPublicWords(story);
      checkAlarms(story);
      for (const type of story.types()) types.add(type);
    },
  });
  expect(
    // Only what Tocsin says of itself is described anew, and only a person turns time back; no walk is about either.
    EVENT_TYPES.filter(
      (type) => !types.has(type) && !['AlertsDescribed', 'ClockTurnedBack'].includes(type),
    ),
    'a type of event that nothing brings about',
  ).toEqual([]);
}, 120_000);

test('an answer to an alarm is none to the search that begins a moment later, and the walks would notice if it were', () => {
  const own = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);
  const eve = { page: { kind: 'person', person: 'eve' }, commands: true } as const;
  const s = new Story(
    withLevel(
      'L2',
      { declare: { by: ['person'], orAfterMs: null } },
      {
        escalationPolicies: { standard: own },
        roles: { ...policy().roles, commander: role('commander', eve) },
      },
    ),
  );
  s.feed(observed());
  s.advance(6 * MINUTE).feed({ type: 'Acknowledge', page: null }, byPerson('eve'));
  s.advance(2 * MINUTE).feed(declare, byPerson('gus'));
  s.advance(0);
  checkAlarms(s);
  expect(s.rings()).toEqual(['0 Ada at pd', '5 Eve at pd', '8 Eve at pd', '8 Dev at pd']);
});

test('in random triage nobody is woken and nothing declared while nothing fires, however long the server was down', () => {
  checkWalks('triage', WALKS, { between: checkStep, after: checkQuiet });
}, 120_000);

test('the same walk decided twice gives the same events', () => {
  const events = (): unknown => someWalks(3, 40).map((story) => story.events);
  expect(events()).toEqual(events());
});
