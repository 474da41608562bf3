/** Whether the token works and may do what the chat part does. Posts nothing. */
import { z } from 'zod';
import type { Finding, Io } from '../../src/contract/index.ts';
import { call } from './api.ts';
import type { Config } from './api.ts';

const identity = z.object({ team: z.string(), user: z.string() });

/** Scope -> what fails without it. https://docs.slack.dev/reference/scopes */
const SCOPES: Readonly<Record<string, string>> = {
  'chat:write': 'nothing can be posted',
  'chat:write.public': 'posts reach only channels into which the app was invited',
  'channels:manage': 'no room can be opened, given a topic, filled or archived',
  'pins:write': 'nothing can be pinned',
};

/** Slack answers every call with the token's scopes in the header `x-oauth-scopes`. */
function missingScopes(header: string): readonly Finding[] {
  const granted = new Set(header.split(',').map((scope) => scope.trim()));
  return Object.entries(SCOPES)
    .filter(([scope]) => !granted.has(scope))
    .map(([scope, consequence]) => ({
      level: scope === 'chat:write' ? 'problem' : 'warning',
      what: `bot_token lacks the scope ${scope}: ${consequence}`,
      hint: `Add ${scope} under "OAuth & Permissions" of the Slack app and reinstall it.`,
    }));
}

export async function check(_subject: unknown, io: Io<Config>): Promise<readonly Finding[]> {
  const called = await call(io, 'auth.test', {});
  if (!called.ok) {
    const { outcome } = called;
    const hint =
      outcome.verb === 'reject' ? outcome.hint : 'Slack did not answer properly; try again later.';
    return [{ level: 'problem', what: `the token cannot be checked: ${outcome.detail}`, hint }];
  }
  const read = identity.safeParse(called.body);
  const who = read.success ? `${read.data.user} in ${read.data.team}` : 'an unnamed app';
  const scopes = called.headers['x-oauth-scopes'];
  return [
    { level: 'ok', what: `bot_token belongs to ${who}`, hint: '' },
    ...(scopes === undefined ? [] : missingScopes(scopes)),
  ];
}
