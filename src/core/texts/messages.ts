/** Chat messages: channels, the incident's room, and people one by one. */
import type { EffectId } from '../model/made-ids.ts';
import type { Instant } from '../model/alert.ts';
import { candidatesOf } from '../people/candidates.ts';
import type { ChatEffect, MessageAbout } from '../model/effect.ts';
import { encodeStream } from '../model/keys.ts';
import type { Recipient } from '../model/policy.ts';
import { send, type Decision } from '../model/decision.ts';

interface Message {
  readonly target: string;
  /** Channel, chat user, or `room`. */
  readonly channel: string;
  readonly text: string;
  readonly about: MessageAbout;
  readonly dueAt?: Instant;
}

/** Requests a chat effect of any kind; messages of one channel keep their order. */
export function chat(
  decision: Decision,
  name: ChatEffect['name'],
  message: Message & { readonly users?: readonly string[]; readonly message?: string | null },
): EffectId {
  const { target, channel } = message;
  return send(decision, {
    name,
    stream: encodeStream(
      channel === 'room'
        ? { kind: 'room', target, incident: decision.state.id }
        : { kind: 'channel', target, channel },
    ),
    lane: 'internal',
    target,
    channel,
    text: message.text,
    users: message.users ?? [],
    message: message.message ?? null,
    about: message.about,
    ...(message.dueAt === undefined ? {} : { dueAt: message.dueAt }),
  });
}

export function postTo(decision: Decision, message: Message): EffectId {
  return chat(decision, 'chat.post', message);
}

/** The room if there is one, else the team's channel, else the alarm channel; null: there is no chat at all. */
export function homeOf(
  decision: Decision,
): { readonly target: string; readonly channel: string } | null {
  const { room } = decision.state;
  if (room !== null && room.state !== 'failed' && room.state !== 'archived')
    return { target: room.target, channel: 'room' };
  return (
    decision.policy.teams[decision.state.routing.team]?.chat ??
    decision.policy.automation.alarm.chat
  );
}

/** Says something where the responders are. */
export function say(decision: Decision, text: string, about: MessageAbout): void {
  const home = homeOf(decision);
  if (home !== null) postTo(decision, { ...home, text, about });
}

/** People of the sources who have a chat user, each once. */
export function chatPeople(
  decision: Decision,
  recipients: readonly Recipient[],
): readonly { readonly person: string; readonly target: string; readonly user: string }[] {
  const found = new Map<string, { person: string; target: string; user: string }>();
  const subject = { team: decision.state.routing.team, service: decision.state.routing.service };
  for (const recipient of recipients) {
    for (const person of peopleOf(decision, recipient, subject)) {
      const [entry] = Object.entries(decision.policy.people[person]?.chat ?? {}).filter(
        ([target]) => decision.policy.targets[target]?.mode !== 'off',
      );
      if (entry !== undefined) found.set(person, { person, target: entry[0], user: entry[1] });
    }
  }
  return [...found.values()];
}

/** Informing by chat needs no pager, so people and groups are taken as named. */
function peopleOf(
  decision: Decision,
  recipient: Recipient,
  subject: { team: string; service: string | null },
): readonly string[] {
  if (recipient.kind === 'person') return [recipient.person];
  if (recipient.kind === 'group') return decision.policy.groups[recipient.group] ?? [];
  if (recipient.kind === 'role') {
    const holder = decision.state.roles[recipient.role];
    if (holder !== undefined) return [holder.person];
  }
  return candidatesOf(recipient, decision.context, subject).list.flatMap((one) =>
    one.person === null ? [] : [one.person],
  );
}

/** In chat, where nobody else reads it. */
export function tellAlone(
  decision: Decision,
  { to, text, role }: { readonly to: string; readonly text: string; readonly role: string },
): void {
  const about = { kind: 'role', role } as const;
  for (const { target, user } of chatPeople(decision, [{ kind: 'person', person: to }]))
    postTo(decision, { target, channel: user, text, about });
}
