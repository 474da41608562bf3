/** Rooms of the played Slack: conversations.create, setTopic, invite, archive, and pins.add. */
import type { Truth } from '../../src/contract/index.ts';
import { channelById, isMemberId, refused, withChannel } from './stand-in-workspace.ts';
import type { Answer, Arguments, Channel, Workspace } from './stand-in-workspace.ts';

type RoomEvent = Extract<Truth, { kind: 'message' }>['event'];

interface Change {
  readonly channel: Channel;
  readonly event: RoomEvent;
  readonly text: string;
  readonly ref?: string;
  readonly body?: object;
}

function changed(workspace: Workspace, { channel, event, text, ref, body }: Change): Answer {
  return {
    workspace: withChannel(workspace, channel),
    truth: [{ kind: 'message', event, channel: channel.name, text, ref: ref ?? null }],
    response: { status: 200, body: { ok: true, ...body } },
  };
}

/** The one that may be changed, or why not. */
function openChannel(workspace: Workspace, given: Arguments): Channel | string {
  const channel = channelById(workspace, given['channel']);
  if (channel === undefined) return 'channel_not_found';
  return channel.archived ? 'is_archived' : channel;
}

/** "Channel names may only contain lowercase letters, numbers, hyphens, and underscores, and must be 80 characters or less." */
function nameProblem(workspace: Workspace, name: unknown): string | null {
  if (typeof name !== 'string' || name === '') return 'invalid_name_required';
  if (name.length > 80) return 'invalid_name_maxlength';
  if (!/^[a-z0-9_-]+$/.test(name)) return 'invalid_name_specials';
  if (!/[a-z0-9]/.test(name)) return 'invalid_name_punctuation';
  // An archived channel keeps its name.
  return workspace.channels.some((channel) => channel.name === name) ? 'name_taken' : null;
}

export function create(workspace: Workspace, given: Arguments, now: number): Answer {
  const { name } = given;
  const problem = nameProblem(workspace, name);
  if (problem !== null || typeof name !== 'string')
    return refused(workspace, problem ?? 'invalid_name');
  const id = `C${String(workspace.channels.length + 1).padStart(8, '0')}`;
  const channel: Channel = {
    id,
    name,
    topic: '',
    archived: false,
    members: [],
    messages: [],
    pins: [],
    bucket: null,
  };
  const body = {
    channel: {
      id,
      name,
      is_channel: true,
      is_archived: false,
      is_private: given['is_private'] === true,
      created: Math.floor(now / 1000),
    },
  };
  return changed(workspace, { channel, event: 'room_opened', text: name, ref: id, body });
}

/** "The new topic string ... 250" characters: https://docs.slack.dev/reference/methods/conversations.setTopic */
const TOPIC_MAX = 250;

export function setTopic(workspace: Workspace, given: Arguments): Answer {
  const channel = openChannel(workspace, given);
  if (typeof channel === 'string') return refused(workspace, channel);
  const { topic } = given;
  if (typeof topic !== 'string') return refused(workspace, 'invalid_arguments');
  if ([...topic].length > TOPIC_MAX) return refused(workspace, 'too_long');
  return changed(workspace, { channel: { ...channel, topic }, event: 'topic_set', text: topic });
}

/** The method's page: at most 100 people. */
const INVITED_MAX = 100;

function inviteProblem(workspace: Workspace, channel: Channel, user: string): string | null {
  if (!isMemberId(user) || !workspace.members.includes(user)) return 'user_not_found';
  return channel.members.includes(user) ? 'already_in_channel' : null;
}

/** Without `force` the first person who cannot be invited stops it all; with it the others are invited. */
export function invite(workspace: Workspace, given: Arguments): Answer {
  const channel = openChannel(workspace, given);
  if (typeof channel === 'string') return refused(workspace, channel);
  const { users } = given;
  if (typeof users !== 'string' || users === '') return refused(workspace, 'no_user');
  const wanted = users.split(',');
  if (wanted.length > INVITED_MAX) return refused(workspace, 'too_many_users');
  const judged = wanted.map((user) => ({
    user,
    ok: false,
    error: inviteProblem(workspace, channel, user),
  }));
  const errors = judged.filter(({ error }) => error !== null);
  const invited = judged.filter(({ error }) => error === null).map(({ user }) => user);
  const [first] = errors;
  const isStopped = first !== undefined && (given['force'] !== true || invited.length === 0);
  if (isStopped) return refused(workspace, first.error ?? 'user_not_found', { errors });
  const members = [...channel.members, ...invited];
  return changed(workspace, {
    channel: { ...channel, members },
    event: 'invited',
    text: invited.join(', '),
    body: errors.length === 0 ? {} : { errors },
  });
}

export function archive(workspace: Workspace, given: Arguments): Answer {
  const channel = openChannel(workspace, given);
  if (channel === 'is_archived') return refused(workspace, 'already_archived');
  if (typeof channel === 'string') return refused(workspace, channel);
  if (channel.name === 'general') return refused(workspace, 'cant_archive_general');
  return changed(workspace, {
    channel: { ...channel, archived: true },
    event: 'archived',
    text: '',
  });
}

/** `timestamp` is a text: a number would lose its last digits. */
export function pin(workspace: Workspace, given: Arguments): Answer {
  const channel = openChannel(workspace, given);
  if (typeof channel === 'string') return refused(workspace, channel);
  const { timestamp } = given;
  if (typeof timestamp !== 'string' || !/^\d+\.\d{6}$/.test(timestamp))
    return refused(workspace, 'bad_timestamp');
  if (!channel.messages.includes(timestamp)) return refused(workspace, 'message_not_found');
  if (channel.pins.includes(timestamp)) return refused(workspace, 'already_pinned');
  const pins = [...channel.pins, timestamp];
  return changed(workspace, {
    channel: { ...channel, pins },
    event: 'pinned',
    text: timestamp,
    ref: timestamp,
  });
}
