/** Messages and rooms in Slack. Every method is one call; only a taken room name is tried again, under the next name. */
import { z } from 'zod';
import { delivered } from '../../src/contract/index.ts';
import type {
  ArchiveOrder,
  InviteOrder,
  Io,
  Outcome,
  PinOrder,
  PostOrder,
  Rejection,
  RoomOrder,
  TopicOrder,
} from '../../src/contract/index.ts';
import { call, inDoubt } from './api.ts';
import type { Config } from './api.ts';
import { messageText, roomName, topicText } from './text.ts';

/** A message of ours is remembered as `<channel id>:<ts>`; the ts stays a text, as a number it would lose digits. */
const MESSAGE_REF = /^([^:]+):(\d+\.\d+)$/;

function unreadableRef(ref: string): Rejection {
  const hint =
    'A message reference of this target is <channel>:<ts>; report this as a bug of the adapter.';
  return {
    verb: 'reject',
    reason: 'invalid_request',
    detail: `${ref} is no reference of a Slack message`,
    hint,
  };
}

const posted = z.object({ channel: z.string().min(1), ts: z.string().regex(/^\d+\.\d+$/) });

/** Posts to a channel (id or name), a room, or a person (user id: a direct message); `externalRef` is `<channel id>:<ts>`. */
export async function post(order: PostOrder, io: Io<Config>): Promise<Outcome> {
  const thread = order.thread === null ? null : MESSAGE_REF.exec(order.thread)?.[2];
  if (thread === undefined) return unreadableRef(order.thread ?? '');
  const called = await call(io, 'chat.postMessage', {
    channel: order.channel,
    text: messageText(order.text),
    ...(thread === null ? {} : { thread_ts: thread }),
    // A link to a graph or a status page must not push the message off the screen.
    unfurl_links: false,
    unfurl_media: false,
  });
  if (!called.ok) return called.outcome;
  const read = posted.safeParse(called.body);
  return read.success
    ? delivered('confirmed', { externalRef: `${read.data.channel}:${read.data.ts}` })
    : inDoubt('chat.postMessage');
}

/** Names tried for one room: a template with date and title rarely meets a second one. */
const NAMES_MAX = 20;

const created = z.object({ channel: z.object({ id: z.string().min(1) }) });

/**
 * Opens a public room under the wanted name, or with -2, -3, ... appended when it is taken; names of archived channels
 * stay taken. `externalRef` is the channel's id.
 */
export async function openRoom(order: RoomOrder, io: Io<Config>): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const called = await call(io, 'conversations.create', {
      name: roomName(order.name, attempt),
      is_private: false,
    });
    // `name_taken` is the one answer after which another request may follow: nothing was made.
    if (!called.ok && called.error === 'name_taken' && attempt < NAMES_MAX) continue;
    if (!called.ok) return called.outcome;
    const read = created.safeParse(called.body);
    return read.success
      ? delivered('confirmed', { externalRef: read.data.channel.id })
      : inDoubt('conversations.create');
  }
}

/** A call whose success says nothing more, and for which `already` means that the wanted state is there. */
async function change(
  io: Io<Config>,
  method: string,
  { already, ...json }: { readonly already?: string; readonly [key: string]: unknown },
): Promise<Outcome> {
  const called = await call(io, method, json);
  if (called.ok || (already !== undefined && called.error === already))
    return delivered('confirmed');
  return called.outcome;
}

export function setTopic(order: TopicOrder, io: Io<Config>): Promise<Outcome> {
  return change(io, 'conversations.setTopic', {
    channel: order.room,
    topic: topicText(order.topic),
  });
}

/** People one call may invite; pages of the vendor disagree between 100 and 1000. */
const INVITED_MAX = 100;
/** Not a failure: the person is there, or is the app itself. */
const PRESENT: readonly string[] = ['already_in_channel', 'cant_invite_self'];

const invitation = z.object({
  errors: z.array(z.object({ user: z.string().optional(), error: z.string() })).optional(),
});

/**
 * Invites people. Without `force` Slack stops at the first person it cannot invite, and someone who is there already counts.
 * Whoever could not be invited is logged when others could; the call fails only when nobody was.
 */
export async function invite(order: InviteOrder, io: Io<Config>): Promise<Outcome> {
  if (order.users.length === 0) return delivered('confirmed');
  if (order.users.length > INVITED_MAX) {
    const detail = `${order.users.length} people are more than Slack invites at once (${INVITED_MAX})`;
    return {
      verb: 'reject',
      reason: 'too_large',
      detail,
      hint: 'Invite a user group to the room by hand.',
    };
  }
  const called = await call(io, 'conversations.invite', {
    channel: order.room,
    users: order.users.join(','),
    force: true,
  });
  const read = invitation.safeParse(called.body);
  const errors = read.success ? (read.data.errors ?? []) : [];
  const absent = errors.filter(({ error }) => !PRESENT.includes(error));
  if (called.ok) {
    if (absent.length > 0)
      io.log.warn({ room: order.room, absent }, 'some people could not be invited to the room');
    return delivered('confirmed');
  }
  const isPresent = called.error !== null && PRESENT.includes(called.error) && absent.length === 0;
  return isPresent ? delivered('confirmed') : called.outcome;
}

export async function pin(order: PinOrder, io: Io<Config>): Promise<Outcome> {
  const [, channel, timestamp] = MESSAGE_REF.exec(order.message) ?? [];
  if (channel === undefined || timestamp === undefined) return unreadableRef(order.message);
  // A timestamp names a message only together with the channel it was posted in.
  return change(io, 'pins.add', { channel, timestamp, already: 'already_pinned' });
}

export function archiveRoom(order: ArchiveOrder, io: Io<Config>): Promise<Outcome> {
  return change(io, 'conversations.archive', { channel: order.room, already: 'already_archived' });
}
