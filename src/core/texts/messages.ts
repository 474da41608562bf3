/** Chat messages: channels, the incident's room, and people one by one. */
import type { Instant } from '../model/alert.ts';
import { candidatesOf } from '../people/candidates.ts';
import type { ChatEffect, MessageAbout } from '../model/effect.ts';
import type { PageSource } from '../model/policy.ts';
import { send, type Turn } from '../model/turn.ts';

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
  turn: Turn,
  name: ChatEffect['name'],
  message: Message & { readonly users?: readonly string[]; readonly message?: string | null },
): string {
  const place = message.channel === 'room' ? `room:${turn.state.id}` : message.channel;
  return send(turn, {
    name,
    stream: `${message.target}|${place}`,
    lane: 'internal',
    target: message.target,
    channel: message.channel,
    text: message.text,
    users: message.users ?? [],
    message: message.message ?? null,
    about: message.about,
    ...(message.dueAt === undefined ? {} : { dueAt: message.dueAt }),
  });
}

export function postTo(turn: Turn, message: Message): string {
  return chat(turn, 'chat.post', message);
}

/** The room if there is one, else the team's channel, else the alarm channel; null: there is no chat at all. */
export function homeOf(turn: Turn): { readonly target: string; readonly channel: string } | null {
  const { room } = turn.state;
  if (room !== null && room.state !== 'failed' && room.state !== 'archived')
    return { target: room.target, channel: 'room' };
  return turn.policy.teams[turn.state.facts.team]?.chat ?? turn.policy.automation.alarm.chat;
}

/** Says something where the responders are. */
export function say(turn: Turn, text: string, about: MessageAbout): void {
  const home = homeOf(turn);
  if (home !== null) postTo(turn, { ...home, text, about });
}

/** People of the sources who have a chat user, each once. */
export function chatPeople(
  turn: Turn,
  sources: readonly PageSource[],
): readonly { readonly person: string; readonly target: string; readonly user: string }[] {
  const found = new Map<string, { person: string; target: string; user: string }>();
  const subject = { team: turn.state.facts.team, service: turn.state.facts.service };
  for (const source of sources) {
    for (const person of peopleOf(turn, source, subject)) {
      const [entry] = Object.entries(turn.policy.people[person]?.chat ?? {}).filter(
        ([target]) => turn.policy.targets[target]?.mode !== 'off',
      );
      if (entry !== undefined) found.set(person, { person, target: entry[0], user: entry[1] });
    }
  }
  return [...found.values()];
}

/** Informing by chat needs no pager, so people and groups are taken as named. */
function peopleOf(
  turn: Turn,
  source: PageSource,
  subject: { team: string; service: string | null },
): readonly string[] {
  if (source.kind === 'person') return [source.person];
  if (source.kind === 'group') return turn.policy.groups[source.group] ?? [];
  if (source.kind === 'role') {
    const holder = turn.state.roles[source.role];
    if (holder !== undefined) return [holder.person];
  }
  return candidatesOf(source, turn.context, subject).list.flatMap((one) =>
    one.person === null ? [] : [one.person],
  );
}
