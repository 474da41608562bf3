/** Slack's Web API as this adapter uses it: configuration, one call, and the reading of its errors, which arrive as HTTP 200. */
import { z } from 'zod';
import { failure, jsonOf, secret } from '../../src/contract/index.ts';
import type { Io, Reason, Rejection, Retry } from '../../src/contract/index.ts';

export const config = z.strictObject({
  bot_token: secret(
    'Bot token of the Slack app (xoxb-...), with the scopes chat:write, chat:write.public, channels:manage and pins:write.',
  ),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://slack.com/api')
    .describe(
      'Address of the Web API, without a trailing slash; change it for GovSlack or a proxy.',
    ),
});

export type Config = z.infer<typeof config>;

interface Reading {
  readonly reason: Reason;
  readonly hint: string;
}

const TOKEN: Reading = {
  reason: 'unauthorized',
  hint: 'Slack refused bot_token: reinstall the app and put the new bot token into this target.',
};
const SCOPE: Reading = {
  reason: 'forbidden',
  hint: 'Add the missing scope to the Slack app (see the detail) and reinstall it.',
};
const POLICY: Reading = {
  reason: 'forbidden',
  hint: 'A setting of the workspace forbids this to apps: ask its administrator to allow it.',
};
const MEMBER: Reading = {
  reason: 'forbidden',
  hint: 'Invite the app into the channel, or give it the scope chat:write.public.',
};
const CHANNEL: Reading = {
  reason: 'not_found',
  hint: 'Compare the channel with Slack: use its id (C...), and invite the app into it if it is private.',
};
const USER: Reading = {
  reason: 'not_found',
  hint: "Compare the person's slack contact with the member id in the Slack profile (U...).",
};
const ARCHIVED: Reading = {
  reason: 'conflict',
  hint: 'The channel is archived: unarchive it, or configure another one.',
};

/** Refusals for good. https://docs.slack.dev/reference/methods, section "Errors" of each method */
const REFUSALS: Readonly<Record<string, Reading>> = {
  invalid_auth: TOKEN,
  not_authed: TOKEN,
  account_inactive: TOKEN,
  token_revoked: TOKEN,
  token_expired: TOKEN,
  missing_scope: SCOPE,
  no_permission: SCOPE,
  not_allowed_token_type: SCOPE,
  access_denied: POLICY,
  ekm_access_denied: POLICY,
  enterprise_is_restricted: POLICY,
  restricted_action: POLICY,
  restricted_action_non_threadable_channel: POLICY,
  restricted_action_read_only_channel: POLICY,
  restricted_action_thread_locked: POLICY,
  team_access_not_granted: POLICY,
  user_is_restricted: POLICY,
  ura_max_channels: POLICY,
  not_in_channel: MEMBER,
  channel_not_found: CHANNEL,
  no_channel: CHANNEL,
  method_not_supported_for_channel_type: CHANNEL,
  is_archived: ARCHIVED,
  user_not_found: USER,
  users_not_found: USER,
  no_user: USER,
  cant_invite: USER,
  user_disabled: USER,
  message_not_found: {
    reason: 'not_found',
    hint: 'The message was deleted in Slack; nothing to do.',
  },
  name_taken: {
    reason: 'conflict',
    hint: 'Rooms of this name and of all its numbered variants exist: archive does not free a name, rename or change the template.',
  },
  cant_archive_general: {
    reason: 'conflict',
    hint: 'The general channel cannot be archived: this incident was given the wrong room.',
  },
  too_many_users: {
    reason: 'too_large',
    hint: 'The room is full or too many people were invited at once.',
  },
  msg_too_long: { reason: 'too_large', hint: 'Shorten the text.' },
  too_long: { reason: 'too_large', hint: 'Shorten the text.' },
  msg_blocks_too_long: { reason: 'too_large', hint: 'Shorten the text.' },
  no_text: {
    reason: 'invalid_request',
    hint: 'The text is empty: look at the template that made it.',
  },
};

/** Worth another try. `ambiguous` where Slack says that some of the work may have been done. */
const RETRIES: Readonly<Record<string, { readonly reason: Reason; readonly ambiguous: boolean }>> =
  {
    ratelimited: { reason: 'rate_limited', ambiguous: false },
    rate_limited: { reason: 'rate_limited', ambiguous: false },
    message_limit_exceeded: { reason: 'rate_limited', ambiguous: false },
    request_timeout: { reason: 'timeout', ambiguous: false },
    team_added_to_org: { reason: 'server_error', ambiguous: false },
    service_unavailable: { reason: 'server_error', ambiguous: true },
    internal_error: { reason: 'server_error', ambiguous: true },
    fatal_error: { reason: 'server_error', ambiguous: true },
  };

const refusal = z.object({
  ok: z.literal(false),
  error: z.string().min(1),
  needed: z.string().optional(),
});

function refused({ error, needed }: z.infer<typeof refusal>): Retry | Rejection {
  const detail = needed === undefined ? error : `${error}: ${needed}`;
  const retry = RETRIES[error];
  if (retry !== undefined) return { verb: 'retry', ...retry, detail };
  const reading = REFUSALS[error] ?? {
    reason: 'invalid_request',
    hint: `Slack answered "${error}"; its meaning is in the method's page on docs.slack.dev.`,
  };
  return { verb: 'reject', ...reading, detail };
}

export type Called =
  | {
      readonly ok: true;
      readonly body: unknown;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** `error` is Slack's word, null when there is none. */
  | {
      readonly ok: false;
      readonly error: string | null;
      readonly body: unknown;
      readonly outcome: Retry | Rejection;
    };

const accepted = z.object({ ok: z.literal(true) });

/** An answer 2xx that says neither yes nor no: the work may be done. */
export function inDoubt(method: string): Retry {
  return {
    verb: 'retry',
    reason: 'server_error',
    ambiguous: true,
    detail: `${method} was answered without a readable result`,
  };
}

/** One call of the Web API. @param method e.g. `chat.postMessage` */
export async function call(io: Io<Config>, method: string, json: object): Promise<Called> {
  const base = io.config.base_url.replace(/\/+$/, '');
  const headers = { authorization: `Bearer ${io.config.bot_token.reveal()}` };
  const answer = await io.http.send({ method: 'POST', url: `${base}/${method}`, headers, json });
  const isAnswered = answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
  if (!isAnswered)
    return { ok: false, error: null, body: undefined, outcome: failure(answer, io.now) };
  const body = jsonOf(answer);
  if (accepted.safeParse(body).success) return { ok: true, body, headers: answer.headers };
  const said = refusal.safeParse(body);
  if (!said.success) return { ok: false, error: null, body, outcome: inDoubt(method) };
  return { ok: false, error: said.data.error, body, outcome: refused(said.data) };
}
