/** `chat.postMessage` of the played Slack. https://docs.slack.dev/reference/methods/chat.postMessage */
import { channelById, channelOf, isMemberId, refused, withChannel } from './stand-in-workspace.ts';
import type { Answer, Arguments, Channel, Workspace } from './stand-in-workspace.ts';

/** "text ... truncated beyond 40,000 characters"; a longer one is refused here, for nothing may be lost silently. */
const TEXT_MAX = 40_000;
/** About one message per second per channel, "short bursts" allowed: https://docs.slack.dev/apis/web-api/rate-limits */
const BURST = 10;
const REFILL_PER_MS = 1 / 1000;

/** Direct messages have channels of their own, one per person. */
function conversationOf(workspace: Workspace, wanted: unknown): Channel | undefined {
  const isPerson =
    typeof wanted === 'string' && isMemberId(wanted) && workspace.members.includes(wanted);
  if (!isPerson) return channelOf(workspace, wanted);
  const id = `D${wanted.slice(1)}`;
  return (
    channelById(workspace, id) ?? {
      id,
      name: wanted,
      topic: '',
      archived: false,
      members: [wanted],
      messages: [],
      pins: [],
      bucket: null,
    }
  );
}

function tokensAt(channel: Channel, now: number): number {
  if (channel.bucket === null) return BURST;
  return Math.min(BURST, channel.bucket.tokens + (now - channel.bucket.at) * REFILL_PER_MS);
}

function limited(workspace: Workspace, tokens: number): Answer {
  const seconds = Math.ceil((1 - tokens) / (REFILL_PER_MS * 1000));
  const headers = { 'retry-after': String(seconds) };
  return {
    workspace,
    truth: [],
    response: { status: 429, headers, body: { ok: false, error: 'ratelimited' } },
  };
}

/** Seconds and six digits, unique within the workspace. */
function timestampOf(now: number, posted: number): string {
  const fraction = (now % 1000) * 1000 + (posted % 1000);
  return `${Math.floor(now / 1000)}.${String(fraction).padStart(6, '0')}`;
}

/** What people read: Slack's three escapes undone. */
function readable(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function post(workspace: Workspace, given: Arguments, now: number): Answer {
  const { text, thread_ts: thread } = given;
  const channel = conversationOf(workspace, given['channel']);
  if (channel === undefined) return refused(workspace, 'channel_not_found');
  if (channel.archived) return refused(workspace, 'is_archived');
  if (typeof text !== 'string' || text.trim() === '') return refused(workspace, 'no_text');
  if ([...text].length > TEXT_MAX) return refused(workspace, 'msg_too_long');
  const isThread = typeof thread === 'string' && channel.messages.includes(thread);
  if (thread !== undefined && !isThread) return refused(workspace, 'cannot_reply_to_message');
  const tokens = tokensAt(channel, now);
  if (tokens < 1) return limited(workspace, tokens);
  const ts = timestampOf(now, workspace.posted);
  const changed = {
    ...channel,
    messages: [...channel.messages, ts],
    bucket: { tokens: tokens - 1, at: now },
  };
  const body = {
    ok: true,
    channel: channel.id,
    ts,
    message: { type: 'message', text, ts, bot_id: 'B0TOCSIN' },
  };
  return {
    workspace: { ...withChannel(workspace, changed), posted: workspace.posted + 1 },
    truth: [
      { kind: 'message', event: 'posted', channel: channel.name, text: readable(text), ref: ts },
    ],
    response: { status: 200, body },
  };
}
