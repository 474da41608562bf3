/** Verbs on people and pages: acknowledging, roles, a test of the path to a phone. */
import { acknowledge } from '../command/acknowledging.ts';
import { assignRole, roleRequest } from '../command/declaring.ts';
import { startEscalations } from '../paging/escalating.ts';
import { isSeenSince, PRESENT_MS } from '../command/presence.ts';
import { isOwed } from '../paging/progress.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { openTest } from '../opening/starting.ts';
import { emit, type Look, type Refusal, type Decision } from '../model/decision.ts';
import { invite } from '../informing/informing.ts';
import { byPerson, nameOf, notClosed, notOver, wayOf } from './guards.ts';
import { argument, name, option, optional, verb, switched } from './verb.ts';

export const Acknowledge = verb({
  name: 'ack',
  summary: 'Say that you are here: answers the pages that rang you; needs the token of a person',
  scope: 'act',
  fields: {
    page: argument(optional(name), 'id of one page (show lists them); without it, your own'),
  },
  acts: {
    path: 'acknowledge',
    guards: [notClosed, byPerson('Acknowledging')],
    decide: (decision, { page }) => {
      const by = nameOf(decision);
      const known = Object.hasOwn(decision.policy.people, by);
      return acknowledge(decision, page, { by, known, via: wayOf(decision), key: null });
    },
  },
  said: ({ page }, incident) => ({
    what: `Acknowledged on ${incident}: ${page === null ? 'your pages' : `page ${page}`}.`,
    next: `tocsin show ${incident} tells who is still rung`,
  }),
  examples: ['tocsin ack 7', 'tocsin ack 7 p2'],
});

/** @param command with the word ROLE where the name belongs */
function unknownRole({ policy }: Look<'policy'>, role: string, command: string): Refusal {
  return {
    code: 'unknown_role',
    message: `There is no role ${role}. Roles: ${Object.keys(policy.roles).join(', ')}. Name one of them: \`${command}\`.`,
  };
}

function assigned(
  decision: Decision,
  given: { readonly role: string; readonly person: string },
): Refusal | null {
  const { id } = decision.state;
  if (own(decision.policy.roles, given.role) === undefined) {
    const command =
      given.person === nameOf(decision)
        ? `tocsin take ${id} ROLE`
        : `tocsin assign ${id} ROLE ${given.person}`;
    return unknownRole(decision, given.role, command);
  }
  if (own(decision.policy.people, given.person) === undefined)
    return {
      code: 'unknown_person',
      message: `There is no person ${given.person}. People: ${Object.keys(decision.policy.people).join(', ')}. Name one of them: \`tocsin assign ${id} ${given.role} PERSON\`.`,
    };
  const clash = roleApartFrom(decision, given.role, given.person);
  if (clash !== null)
    return {
      code: 'roles_apart',
      message: `${given.person} is ${clash}; ${given.role} must be another person: \`tocsin assign ${id} ${given.role} PERSON\`, or \`tocsin page ${id} ${given.role}\` to ring one. To free ${given.person}: \`tocsin assign ${id} ${clash} PERSON\`.`,
    };
  assignRole(decision, given.role, given.person);
  return null;
}

/** Whoever is given a role has said yes, or is at it: else the phone that looks for somebody would fall silent for nobody. */
function given(
  decision: Decision,
  asked: { readonly role: string; readonly person: string; readonly confirmed: boolean },
): Refusal | null {
  const { state, now } = decision;
  const { role, person } = asked;
  const isThere =
    asked.confirmed ||
    person === nameOf(decision) ||
    isSeenSince(state, person, now - PRESENT_MS) ||
    own(decision.policy.people, person) === undefined;
  if (isThere) return assigned(decision, asked);
  return {
    code: 'not_confirmed',
    message: `${person} has done nothing about ${state.id} in the last ten minutes, and whoever is rung for ${role} would fall silent. If ${person} said yes: \`tocsin assign ${state.id} ${role} ${person} --confirmed\`. To ring for the role: \`tocsin page ${state.id} ${role}\`.`,
  };
}

export const AssignRole = verb({
  name: 'assign',
  summary: 'Give a role to a person who is at it, or has said yes',
  scope: 'act',
  fields: {
    role: argument(name, 'a role of the configuration'),
    person: argument(name, 'a person of the configuration'),
    confirmed: switched('the person has said yes'),
  },
  acts: { path: 'roles', guards: [notOver], decide: given },
  said: ({ role, person }, incident) => ({
    what: `${person} is ${role} of ${incident}.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin assign 7 ROLE ada', 'tocsin assign 7 ROLE ada --confirmed'],
});

function pageRole(decision: Decision, { role }: { readonly role: string }): Refusal | null {
  const { id } = decision.state;
  if (own(decision.policy.roles, role) === undefined)
    return unknownRole(decision, role, `tocsin page ${id} ROLE`);
  if (isOwed(decision.state.escalations[encodeEscalation({ kind: 'role', role })]))
    return {
      code: 'already_paging',
      message: `${role} is being paged already. To see who is rung and when the next one is: \`tocsin show ${id}\`; to be it yourself: \`tocsin take ${id} ${role}\`.`,
    };
  const wanted = roleRequest(decision, role);
  if (wanted !== null) startEscalations(decision, [wanted]);
  return null;
}

export const TakeRole = verb({
  name: 'take',
  summary: 'Take a role yourself; needs the token of a person',
  scope: 'act',
  fields: { role: argument(name, 'a role of the configuration') },
  acts: {
    path: 'roles/{role}/take',
    guards: [notOver, byPerson('Taking a role')],
    decide: (decision, { role }) => assigned(decision, { role, person: nameOf(decision) }),
  },
  said: ({ role }, incident) => ({
    what: `You are ${role} of ${incident}.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin take 7 ROLE'],
});

export const Join = verb({
  name: 'join',
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
  summary: 'Page a role on request',
  scope: 'act',
  fields: { role: argument(name, 'a role of the configuration') },
  acts: { path: 'roles/{role}/page', guards: [notOver], decide: pageRole },
  said: ({ role }, incident) => ({
    what: `${role} is being paged for ${incident}.`,
    next: `tocsin show ${incident} tells who it is and what came back`,
  }),
  examples: ['tocsin page 7 ROLE'],
});

export const PageTest = verb({
  name: 'page',
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
  examples: ['tocsin page --test ada'],
});
