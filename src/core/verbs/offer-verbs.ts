/** Verbs by which a role changes hands: handing off one's own, and the two answers to an offer. */
import { commandWith, rolesFor } from '../people/role-choice.ts';
import { declineOffer, takeOffer } from '../command/offering.ts';
import type { Decision, Look, Refusal } from '../model/decision.ts';
import { own } from '../model/own.ts';
import { type Offer, offersTo, whyOfferOver } from '../paging/offers.ts';
import { byPerson, nameOf, notOver, wayOf } from './guards.ts';
import {
  askedWhileHeld,
  give,
  isRoleHere,
  saidOfGiving,
  stillAsked,
  unknownRole,
} from './people-verbs.ts';
import { argument, name, option, optional, switched, text, verb } from './verb.ts';

/** Only whoever has a role hands it off; giving one that is not theirs is another verb. */
function handOff(
  decision: Decision,
  asked: { readonly role: string; readonly person: string; readonly confirmed: boolean },
): Refusal | null {
  const { id, roles } = decision.state;
  const { role, person } = asked;
  if (!isRoleHere(decision, role))
    return unknownRole(decision, role, `tocsin hand-off ${id} ROLE ${person}`);
  const me = nameOf(decision);
  const holder = own(roles, role)?.person ?? null;
  if (holder !== me)
    return {
      code: 'not_holder',
      message: `You are not ${role} of ${id}: ${holder ?? 'nobody'} is. To give it to ${person} all the same: \`tocsin assign ${id} ${role} ${person}\`; to take it: \`tocsin take ${id} ${role}\`.`,
    };
  if (person === me)
    return {
      code: 'already_yours',
      message: `You are ${role} of ${id} already. To hand it off, name somebody else: \`tocsin hand-off ${id} ${role} PERSON\`; to have one rung: \`tocsin page ${id} ${role}\`.`,
    };
  return give(decision, asked);
}

export const HandOff = verb({
  name: 'hand-off',
  subject: 'incident',
  summary:
    'Hand your role off to a person who is at it or has said yes; anybody else is rung and asked, and you have it until then',
  scope: 'act',
  fields: {
    role: argument(name, 'a role that you have'),
    person: argument(name, 'a person of the configuration'),
    confirmed: switched('the person has said yes'),
  },
  acts: { path: 'hand-offs', guards: [notOver, byPerson('Handing off a role')], decide: handOff },
  said: saidOfGiving,
  waitsFor: stillAsked,
  remark: askedWhileHeld,
  examples: ['tocsin hand-off 7 ROLE ada', 'tocsin hand-off 7 ROLE ada --confirmed'],
});

/** What is offered to whoever asks, or why nothing is. */
function mine(
  look: Look<'state' | 'input' | 'policy'>,
  role: string | null,
): readonly Offer[] | Refusal {
  const { id } = look.state;
  const all = offersTo(look, nameOf(look));
  const meant = role === null ? all : all.filter((offer) => offer.role === role);
  if (meant.length > 0) return meant;
  const others = all.map((offer) => offer.role);
  const what = role === null ? 'Nothing' : `No ${role}`;
  const instead =
    others.length === 0
      ? ''
      : ` Offered: ${others.join(', ')}; to take what there is: \`tocsin accept ${id}\`.`;
  const named = role === null ? rolesFor(look, nameOf(look)) : [role];
  const take = commandWith(named, (one) => `tocsin take ${id} ${one}`);
  const next = take ?? `\`tocsin show ${id}\` tells who has which`;
  return {
    code: 'not_offered',
    message: `${what} of ${id} is offered to you; an offer holds for five minutes.${instead} To take a role all the same: ${next}.`,
  };
}

/** Of several that exclude each other the first is taken, and the next one ends by that. */
function accept(decision: Decision, { role }: { readonly role: string | null }): Refusal | null {
  const found = mine(decision, role);
  if ('code' in found) return found;
  const { id } = decision.state;
  const [first] = found;
  const over = found.length === 1 && first !== undefined ? whyOfferOver(decision, first) : null;
  if (over !== null)
    return {
      code: 'offer_over',
      message: `Nothing can come of this offer any more: ${over}. To see who does what: \`tocsin show ${id}\`.`,
    };
  const answer = { by: nameOf(decision), known: true, via: wayOf(decision), key: null };
  for (const offer of found) takeOffer(decision, offer, answer);
  return null;
}

export const AcceptOffer = verb({
  name: 'accept',
  subject: 'incident',
  answers: true,
  summary: 'Accept the role that you are offered; needs the token of a person',
  scope: 'act',
  fields: {
    role: argument(optional(name), 'one of several roles; without it, all that you are offered'),
  },
  acts: { path: 'offers/accept', guards: [notOver, byPerson('Accepting')], decide: accept },
  said: ({ role }, incident) => ({
    what:
      role === null
        ? `You have taken what you were offered of ${incident}.`
        : `You are ${role} of ${incident}.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin accept 7', 'tocsin accept 7 ROLE'],
});

function decline(
  decision: Decision,
  { role, why }: { readonly role: string | null; readonly why: string },
): Refusal | null {
  const found = mine(decision, role);
  if ('code' in found) return found;
  for (const offer of found) declineOffer(decision, offer, why);
  return null;
}

export const DeclineOffer = verb({
  name: 'decline',
  subject: 'incident',
  answers: true,
  summary: 'Decline the role that you are offered; whoever offers it is told why',
  scope: 'act',
  fields: {
    role: argument(optional(name), 'one of several roles; without it, all that you are offered'),
    why: option(text, 'why you cannot'),
  },
  acts: { path: 'offers/decline', guards: [notOver, byPerson('Declining')], decide: decline },
  said: (_given, incident) => ({
    what: `Declined on ${incident}; whoever offered it is told, and your phone is silent.`,
    next: `tocsin show ${incident}`,
  }),
  examples: ['tocsin decline 7 --why "asleep until eight"'],
});
