/**
 * Every part of an incident is asked what is owed because of it. A part without an entry does not compile: it has questions,
 * or it is said why it has none.
 */
import type { Context } from '../model/decision.ts';
import { callsOf } from '../model/calls.ts';
import { isOver, saysItGoesOn, type Incident } from '../model/incident.ts';
import { AXES, type Axis, type AxisKey, type Removed } from '../model/keys.ts';
import { gap, groundOf, type Ground, type Owed } from '../model/obligation.ts';
import {
  owedByAudience,
  owedByFirstUpdate,
  owedByFlapping,
  owedByHeldTrigger,
  owedByNotice,
  owedByPhase,
  owedByRelapse,
  owedByRemoval,
  owedByResponse,
  owedByRoom,
  owedBySoak,
  owedByTrigger,
  type Removal,
} from './owed-incident.ts';
import { owedByPresence, owedByUnattended } from './owed-presence.ts';
import { owedByAlarm, owedByCall, owedByPage, owedByEscalation } from '../paging/owed-paging.ts';
import {
  owedByDraft,
  owedByFlags,
  owedByPublicPage,
  owedByUnsent,
} from '../publishing/owed-public.ts';
import { owedByEndedPage } from '../command/ended-there.ts';
import { owedByUnproven } from '../opening/unproven.ts';
import { openPages } from '../paging/progress.ts';
import { owedByReach } from '../paging/reach.ts';
import { ringingPeople } from '../paging/gone.ts';

/** Where it has a public page, a room or a page that rings. */
function targetsOf(state: Incident): readonly string[] {
  const told = Object.values(state.publicPages).filter(saysItGoesOn);
  return [
    ...told.map(({ target }) => target),
    ...(state.room?.state === 'open' ? [state.room.target] : []),
    ...openPages({ state }).flatMap(({ rings }) => rings.map(({ target }) => target)),
  ];
}

/** What the incident goes by and a reload may take away: its level, its flags, the roles held or looked for, who has them, its targets. */
function goesBy(state: Incident): readonly Removed[] {
  if (isOver(state)) return [];
  const sought = Object.values(state.escalations).flatMap((escalation) =>
    escalation.key.kind === 'role' && escalation.state === 'open' ? [escalation.key.role] : [],
  );
  const roles = [...new Set([...Object.keys(state.roles), ...sought])];
  const people = [...new Set(Object.values(state.roles).map(({ person }) => person))];
  return [
    ...(state.level === null ? [] : [{ what: 'level', name: state.level } as const]),
    ...Object.keys(state.flags).map((name) => ({ what: 'flag', name }) as const),
    ...roles.map((name) => ({ what: 'role', name }) as const),
    ...people.map((name) => ({ what: 'person', name }) as const),
    ...[...new Set(targetsOf(state))].map((name) => ({ what: 'target', name }) as const),
  ];
}

/** What it goes by, whom it rings, and what an alarm says was taken away although it goes by it no more. */
function removals(state: Incident): readonly Removal[] {
  const needed = goesBy(state);
  const isNeeded = (one: Removed): boolean =>
    needed.some(({ what, name }) => what === one.what && name === one.name);
  const alarmed = Object.values(state.alarms).flatMap(({ key }) =>
    key.kind === 'removed' ? [key] : [],
  );
  const rung = isOver(state) ? [] : ringingPeople({ state });
  return [
    ...needed.map((removed) => ({ removed, isNeeded: true })),
    ...[...alarmed, ...rung.map((name) => ({ what: 'person', name }) as const)]
      .filter((one) => !isNeeded(one))
      .map((removed) => ({ removed, isNeeded: false })),
  ];
}

/** What one of an axis answers. */
export interface AxisAnswer extends AxisKey {
  readonly owed: Owed;
}

type Question = (ground: Ground) => readonly AxisAnswer[];

/** One that throws is a gap of its own, and the others are asked all the same. */
function asked(
  ground: Ground,
  key: AxisKey,
  ask: () => readonly AxisAnswer[],
): readonly AxisAnswer[] {
  try {
    return ask();
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const what = `${AXES[key.axis]} cannot be asked what is owed: ${because}`;
    return [{ ...key, owed: gap(ground, key, what) }];
  }
}

function each<T>(
  axis: Axis,
  all: (ground: Ground) => Readonly<Record<string, T>>,
  ask: (ground: Ground, one: T) => Owed,
): Question {
  return (ground) =>
    asked(ground, { axis, id: '' }, () =>
      Object.entries(all(ground)).flatMap(([id, one]) =>
        asked(ground, { axis, id }, () => [{ axis, id, owed: ask(ground, one) }]),
      ),
    );
}

function once(axis: Axis, ask: (ground: Ground) => Owed): Question {
  const key = { axis, id: '' };
  return (ground) => asked(ground, key, () => [{ ...key, owed: ask(ground) }]);
}

/** By what each is called. */
function named<T>(all: readonly T[], nameOf: (one: T) => string): Readonly<Record<string, T>> {
  return Object.fromEntries(all.map((one) => [nameOf(one), one]));
}

/** The questions about each part or, in a text, why there are none. */
const QUESTIONS: { readonly [K in keyof Incident]: readonly Question[] | string } = {
  escalations: [each('escalation', ({ state }) => state.escalations, owedByEscalation)],
  pages: [
    each('page', ({ state }) => state.pages, owedByPage),
    each('reach', ({ state }) => state.pages, owedByReach),
    each('ended', ({ state }) => state.pages, owedByEndedPage),
  ],
  alarms: [
    each('alarm', ({ state }) => state.alarms, owedByAlarm),
    each('call', ({ state }) => named(callsOf(state), (post) => post ?? ''), owedByCall),
  ],
  phase: [once('phase', owedByPhase)],
  missed: [
    each(
      'response',
      () => ({ acknowledge: 'acknowledge', engage: 'engage' }) as const,
      owedByResponse,
    ),
  ],
  spent: [
    each('trigger', ({ policy }) => named(policy.triggers, ({ name }) => name), owedByTrigger),
  ],
  heldTriggers: [
    each(
      'held_trigger',
      ({ state }) => named(Object.keys(state.heldTriggers), (name) => name),
      owedByHeldTrigger,
    ),
  ],
  soak: [once('soak', owedBySoak)],
  relapse: [once('relapse', owedByRelapse)],
  presence: [once('presence', owedByPresence), once('unattended', owedByUnattended)],
  unproven: [once('unproven', owedByUnproven)],
  drafts: [each('draft', ({ state }) => state.drafts, owedByDraft)],
  publicPages: [
    each('unsent', ({ state }) => state.publicPages, owedByUnsent),
    each('public_page', ({ state }) => state.publicPages, owedByPublicPage),
  ],
  flags: [once('flags', owedByFlags)],
  room: [once('room', owedByRoom)],
  notices: [each('notice', ({ state }) => state.notices, owedByNotice)],
  audiences: [
    each('first_update', ({ state }) => state.audiences, owedByFirstUpdate),
    each('audience', ({ state }) => state.audiences, owedByAudience),
  ],
  keptRoles: [
    each(
      'removed',
      ({ state }) => named(removals(state), ({ removed }) => `${removed.what} ${removed.name}`),
      owedByRemoval,
    ),
  ],

  format: 'it is how the rest is stored',
  id: 'it is a name',
  version: 'it counts events',
  lastEventAt: 'others count from it',
  kind: 'the phase is asked: a test ends',
  title: 'it is for people to read',
  routing: 'it says where the incident came from',
  parent: 'that incident is asked itself',
  storm: 'its incidents are asked themselves',
  openedAt: 'others count from it',
  firstSignalAt: 'it is told, and nothing counts from it',
  declaredAt: 'the response times and the audiences count from it',
  declaredBy: 'it is told, and nothing counts from it',
  rootCauseAt: 'triggers are asked',
  mitigatedAt: 'it is told, and nothing counts from it',
  resolvedAt: 'the phase is asked: it closes',
  reopenedAt: 'others count from it',
  closedAs: 'it is over',
  level: 'each question is asked of its level',
  levelSince: 'declaration, response times and triggers count from it',
  isLevelChosen: 'it says how urgent the rest is',
  raisedFrom: 'the phase is asked: it is declared',
  levelKept: 'it stands for a level that a reload has removed',
  answeredAt: 'the response times are asked',
  levelBecause: 'it is for people to read',
  raises: 'triggers that are held wait for their span',
  impact: 'triggers look at it as it comes',
  impactBaseline: 'triggers look at it as it comes',
  impactReports: 'triggers look at it as it comes',
  reports: 'triggers look at them as they come',
  alerts: 'the phase, the soak and an end in doubt follow from them',
  heldAt: 'the soak is asked',
  leftOut: 'an end in doubt is asked',
  clearedAt: 'others count from it',
  relapses: 'the last one is asked',
  isFlapping: [once('flapping', owedByFlapping)],
  signsOfLife: 'others count from them',
  rang: 'pages say how long they have rung by it',
  unheardAnswers: 'the pager is asked in rounds, and each tells how it went',
  roles: 'whoever looks for one is asked, and what a reload took away',
  quietSpells: 'others stand in them',
  stuck: 'it puts off what is owed',
};

/** Every part of the state is asked, and answers with an obligation or with the reason why nothing is owed. */
export function answersOf(
  state: Incident,
  context: Pick<Context, 'policy' | 'lookups'>,
): readonly AxisAnswer[] {
  const ground = groundOf(state, context);
  return Object.values(QUESTIONS).flatMap((part) =>
    typeof part === 'string' ? [] : part.flatMap((question) => question(ground)),
  );
}
