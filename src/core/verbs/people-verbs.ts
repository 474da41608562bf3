/** Verbs on people and pages: acknowledging, roles, a test of the path to a phone. */
import { roleRequest } from '../paging/requests.ts';
import { acknowledge } from '../command/acknowledging.ts';
import { commandWith, rolesFor } from '../people/role-choice.ts';
import { answeredText } from '../command/answered.ts';
import { giveRole, offerRole, ringsLaterText } from '../command/offering.ts';
import { startEscalations } from '../paging/escalating.ts';
import { holderFirst } from '../paging/holders.ts';
import { isAtIt } from '../paging/offers.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { isAskedFor, isOwed, type Incident } from '../model/incident.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { openTest } from '../opening/starting.ts';
import { emit, roleOf, type Look, type Refusal, type Decision } from '../model/decision.ts';
import { invite } from '../informing/informing.ts';
import { byPerson, nameOf, notOver, ringsOrIsOpen, wayOf } from './guards.ts';
import {
  type After,
  argument,
  type Done,
  name,
  option,
  optional,
  pageId,
  type Said,
  verb,
  switched,
} from './verb.ts';

export const Acknowledge = verb({
  name: 'ack',
  subject: 'incident',
  answers: true,
  summary:
    'Say that you are here, which answers the pages that rang you; needs the token of a person',
  scope: 'act',
  fields: {
    page: argument(optional(pageId), 'id of one page (show lists them); without it, your own'),
  },
  acts: {
    path: 'acknowledge',
    guards: [ringsOrIsOpen, byPerson('Acknowledging')],
    decide: (decision, { page }) => {
      const by = nameOf(decision);
      const known = Object.hasOwn(decision.policy.people, by);
      return acknowledge(decision, page, { by, known, via: wayOf(decision), key: null });
    },
  },
  said: ({ page }, incident) => ({
    what: `Acknowledged on ${incident}${page === null ? '' : `: page ${page}`}.`,
    next: `tocsin show ${incident} tells what is open`,
  }),
  remark: (_given, { state, policy, by }) =>
    state === null ? null : answeredText({ state, policy }, by) || null,
  examples: ['tocsin ack 7', 'tocsin ack 7 p2'],
});

/** The command by which somebody is asked to take a role, with the roles that they may have. */
function toOffer(look: Look<'state' | 'policy'>, person: string): string {
  const { id } = look.state;
  const offer = commandWith(
    rolesFor(look, person),
    (role) => `tocsin assign ${id} ${role} ${person}`,
  );
  return offer ?? 'there is none that they may have';
}

/** @param command with the word ROLE where the name belongs */
export function unknownRole({ policy }: Look<'policy'>, role: string, command: string): Refusal {
  return {
    code: 'unknown_role',
    message: `There is no role ${role}. Roles: ${Object.keys(policy.roles).join(', ')}. Name one of them: \`${command}\`.`,
    about: { kind: 'name', field: 'role' },
  };
}

interface Giving {
  readonly role: string;
  readonly person: string;
}

function isPersonNamed({ policy }: Look<'policy'>, name: string): boolean {
  return own(policy.people, name) !== undefined;
}

/** Somebody's name stands where a role belongs. */
function notARole(person: string, instead: string): Refusal {
  return {
    code: 'unknown_role',
    message: `${person} is a person, not a role. ${instead}`,
    about: { kind: 'name', field: 'role' },
  };
}

/** Whether it can be given: a role of the file, or one that a reload has removed, while somebody has it here. */
export function isRoleHere({ policy, state }: Look<'policy' | 'state'>, role: string): boolean {
  return own(policy.roles, role) !== undefined || own(state.roles, role) !== undefined;
}

/** Whom nobody may give the role; null: they may have it. */
function whyNotTheirs(decision: Decision, giving: Giving): Refusal | null {
  const { id } = decision.state;
  const { role, person } = giving;
  if (!isRoleHere(decision, role)) {
    if (isPersonNamed(decision, role) && own(decision.policy.roles, person) !== undefined)
      return notARole(role, `To give it: \`tocsin assign ${id} ${person} ${role}\`.`);
    const command =
      person === nameOf(decision) ? `tocsin take ${id} ROLE` : `tocsin assign ${id} ROLE ${person}`;
    return unknownRole(decision, role, command);
  }
  if (own(decision.policy.people, person) === undefined)
    return {
      code: 'unknown_person',
      message: `There is no person ${person}. People: ${Object.keys(decision.policy.people).join(', ')}. Name one of them: \`tocsin assign ${id} ${role} PERSON\`.`,
      about: { kind: 'name', field: 'person' },
    };
  const clash = roleApartFrom(decision, role, person);
  if (clash !== null)
    return {
      code: 'roles_apart',
      message: `${person} is ${clash}; ${role} must be another person: \`tocsin assign ${id} ${role} PERSON\`, or \`tocsin page ${id} ${role}\` to ring one. To free ${person}: \`tocsin assign ${id} ${clash} PERSON\`.`,
    };
  return null;
}

/**
 * Whoever said yes or is at it has the role at once; anybody else is asked, or the phone that looks for somebody would fall
 * silent for nobody.
 */
export function give(
  decision: Decision,
  giving: Giving & { readonly confirmed: boolean },
): Refusal | null {
  const { role, person, confirmed } = giving;
  const refusal = whyNotTheirs(decision, giving) ?? whyNotSaid(decision, giving);
  if (refusal !== null) return refusal;
  const by = nameOf(decision);
  const isThere = isPerson(decision) && (confirmed || person === by || isAtIt(decision, person));
  if (!isThere) return offerRole(decision, { role, person, by });
  giveRole(decision, role, person);
  return null;
}

/** A machine may bear the name of a person, and has spoken with nobody: what it gives is an offer, which rings. */
function isPerson({ input: { actor } }: Look<'input'>): boolean {
  return actor.kind === 'person';
}

/** That somebody said yes ends the search for others: a machine would end it for nobody. */
function whyNotSaid(
  decision: Decision,
  { role, person, confirmed }: Giving & { readonly confirmed: boolean },
): Refusal | null {
  if (!confirmed || isPerson(decision)) return null;
  return {
    code: 'person_needed',
    message: `That ${person} has said yes is for a person to say, and this token belongs to none. To have ${person} rung and asked: \`tocsin assign ${decision.state.id} ${role} ${person}\`.`,
    about: { kind: 'asker' },
  };
}

/** Who must accept before it holds; null: it holds. */
export function stillAsked({ role, person }: Giving, { roles }: Incident): string | null {
  return own(roles, role)?.person === person ? null : person;
}

/** What became of it, for whoever gave it. */
export function saidOfGiving(
  { role, person }: Giving,
  incident: string,
  { waitsFor }: Pick<Done, 'waitsFor'>,
): Said {
  const next = `tocsin show ${incident}`;
  if (waitsFor === null) return { what: `${person} is ${role} of ${incident}.`, next };
  const what = `${person} is asked to be ${role} of ${incident}, and rung for five minutes; until they accept, nothing changes.`;
  return { what, next };
}

/** What whoever has somebody rung must know: no phone rings before paging goes on; null: it rings. */
function whileHeld({ pauses: { paging }, policy }: After): string | null {
  return paging === undefined ? null : ringsLaterText(paging, policy.timezone);
}

/** Of a role that waits for somebody's yes. */
export function askedWhileHeld(giving: Giving, after: After): string | null {
  const isAsked = after.state !== null && stillAsked(giving, after.state) !== null;
  return isAsked ? whileHeld(after) : null;
}

export const AssignRole = verb({
  name: 'assign',
  subject: 'incident',
  summary: 'Give a role to a person who is at it or has said yes; anybody else is rung and asked',
  scope: 'act',
  fields: {
    role: argument(name, 'a role of the configuration'),
    person: argument(name, 'a person of the configuration'),
    confirmed: switched('the person has said yes'),
  },
  acts: { path: 'roles', guards: [notOver], decide: give },
  said: saidOfGiving,
  waitsFor: stillAsked,
  remark: askedWhileHeld,
  examples: ['tocsin assign 7 ROLE ada', 'tocsin assign 7 ROLE ada --confirmed'],
});

function pageRole(decision: Decision, { role }: { readonly role: string }): Refusal | null {
  const { id } = decision.state;
  if (own(decision.policy.roles, role) === undefined)
    return isPersonNamed(decision, role)
      ? notARole(role, `To have ${role} rung and asked to take one: ${toOffer(decision, role)}.`)
      : unknownRole(decision, role, `tocsin page ${id} ROLE`);
  const sought = decision.state.escalations[encodeEscalation({ kind: 'role', role })];
  if (isOwed(sought) && isAskedFor(sought))
    return {
      code: 'already_paging',
      message: `${role} is being paged already. To see who is rung and when the next one is: \`tocsin show ${id}\`; to be it yourself: \`tocsin take ${id} ${role}\`.`,
    };
  const usual = roleRequest(decision, role);
  if (usual === null) return null;
  if (isOwed(sought)) {
    // Nobody is rung anew: it is looked for as before, and from now on because somebody has asked.
    const escalation = { ...sought, about: null, newsAt: decision.now };
    emit(decision, { type: 'EscalationStarted', escalation, role: roleOf(decision, role) });
    return null;
  }
  // Whoever has it themselves wants somebody else; anybody else may want whoever has it, and then who stands in for them.
  const isTheirs = own(decision.state.roles, role)?.person === nameOf(decision);
  const wanted = isTheirs ? usual : holderFirst(decision, usual);
  startEscalations(decision, [{ ...wanted, isNews: true }]);
  return null;
}

/** What whoever asks for a role must know that was looked for already; null: it was not. */
function wasPagedBefore({ role }: { readonly role: string }, { state }: After): string | null {
  const sought = state?.escalations[encodeEscalation({ kind: 'role', role })];
  if (!isOwed(sought) || sought.newsAt === null || sought.since >= sought.newsAt) return null;
  return `It was being paged already: nobody is rung anew, and a lowering to a level that has it on request does not end that. To be it yourself: \`tocsin take ${state?.id ?? ''} ${role}\`.`;
}

export const TakeRole = verb({
  name: 'take',
  subject: 'incident',
  summary: 'Take a role yourself; needs the token of a person',
  scope: 'act',
  fields: { role: argument(name, 'a role of the configuration') },
  acts: {
    path: 'roles/{role}/take',
    guards: [notOver, byPerson('Taking a role')],
    decide: (decision, { role }) =>
      give(decision, { role, person: nameOf(decision), confirmed: true }),
  },
  said: ({ role }, incident) => ({
    what: `You are ${role} of ${incident}.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin take 7 ROLE'],
});

export const Join = verb({
  name: 'join',
  subject: 'incident',
  summary: 'Help with an incident that did not ring you: you are invited to its room',
  scope: 'act',
  fields: {},
  acts: {
    path: 'join',
    guards: [notOver, byPerson('Joining')],
    decide: (decision) => {
      emit(decision, { type: 'ResponderJoined', person: nameOf(decision) });
      invite(decision, [nameOf(decision)]);
      return null;
    },
  },
  said: (_given, incident) => ({
    what: `You are among the responders of ${incident}.`,
    next: `tocsin take ${incident} ROLE, if you take one`,
  }),
  examples: ['tocsin join 7'],
});

export const PageRole = verb({
  name: 'page',
  subject: 'incident',
  summary: 'Page a role on request',
  scope: 'act',
  fields: { role: argument(name, 'a role of the configuration') },
  acts: { path: 'roles/{role}/page', guards: [notOver], decide: pageRole },
  said: ({ role }, incident) => ({
    what: `${role} is being paged for ${incident}.`,
    next: `tocsin show ${incident} tells who it is and what came back`,
  }),
  remark: (given, after) => wasPagedBefore(given, after) ?? whileHeld(after),
  examples: ['tocsin page 7 ROLE'],
});

export const PageTest = verb({
  name: 'page',
  subject: 'incident',
  summary: 'Page one person as a test, through the real path',
  scope: 'act',
  fields: {
    person: option(name, 'ring this person through the real path, to see that it works', 'test'),
  },
  opens: { path: 'page-tests', decide: openTest },
  said: ({ person }, incident) => ({
    what: `${person} is rung by a test page, ${incident}, through the same path as a real one.`,
    next: `tocsin show ${incident} tells by which way, and whether it was answered`,
  }),
  remark: (_given, after) => whileHeld(after),
  examples: ['tocsin page --test ada'],
});
