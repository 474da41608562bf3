/** The memory of the played Slack: channels, members, messages. */
import type { StandInResponse, Truth } from '../../src/contract/index.ts';

export interface Channel {
  readonly id: string;
  /** Without `#`. */
  readonly name: string;
  readonly topic: string;
  readonly archived: boolean;
  readonly members: readonly string[];
  /** Timestamps, which are the messages' ids. */
  readonly messages: readonly string[];
  readonly pins: readonly string[];
  /** Messages that may still be sent, at an instant; null: never used, so full. */
  readonly bucket: { readonly tokens: number; readonly at: number } | null;
}

export interface Workspace {
  readonly channels: readonly Channel[];
  readonly members: readonly string[];
  /** Messages so far, for unique timestamps. */
  readonly posted: number;
}

export type Arguments = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly workspace: Workspace;
  readonly truth: readonly Truth[];
  readonly response: StandInResponse;
}

export function refused(workspace: Workspace, error: string, more: object = {}): Answer {
  return { workspace, truth: [], response: { status: 200, body: { ok: false, error, ...more } } };
}

/** The channel by id, by name, or by `#name`. */
export function channelOf(workspace: Workspace, wanted: unknown): Channel | undefined {
  if (typeof wanted !== 'string') return undefined;
  return workspace.channels.find(
    ({ id, name }) => id === wanted || name === wanted.replace(/^#/, ''),
  );
}

/** The channel by id only: all methods but chat.postMessage refuse names. */
export function channelById(workspace: Workspace, wanted: unknown): Channel | undefined {
  return workspace.channels.find(({ id }) => id === wanted);
}

export function isMemberId(text: string): boolean {
  return /^[UW][A-Z0-9]+$/.test(text);
}

export function withChannel(workspace: Workspace, changed: Channel): Workspace {
  const isNew = channelById(workspace, changed.id) === undefined;
  const channels = isNew
    ? [...workspace.channels, changed]
    : workspace.channels.map((channel) => (channel.id === changed.id ? changed : channel));
  return { ...workspace, channels };
}
