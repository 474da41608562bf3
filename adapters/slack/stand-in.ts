/**
 * Plays Slack's Web API: one workspace with its channels and members. As strict as the method pages of
 * https://docs.slack.dev/reference/methods; refusals are HTTP 200 with `ok: false`, too many messages are HTTP 429.
 */
import type {
  StandIn,
  StandInRequest,
  StandInResponse,
  StandInSeed,
  StandInStep,
} from '../../src/contract/index.ts';
import { archive, create, invite, pin, setTopic } from './stand-in-room.ts';
import { post } from './stand-in-message.ts';
import { channelOf, isMemberId, refused } from './stand-in-workspace.ts';
import type { Answer, Arguments, Workspace } from './stand-in-workspace.ts';

interface State extends Workspace {
  readonly token: string;
}

const SCOPES = 'chat:write,chat:write.public,channels:manage,channels:read,pins:write';

function authTest(workspace: Workspace): Answer {
  const body = {
    ok: true,
    url: 'https://stand-in.slack.example/',
    team: 'Stand-in',
    user: 'tocsin',
    team_id: 'T0STANDIN',
    user_id: 'U0TOCSIN',
    bot_id: 'B0TOCSIN',
  };
  return {
    workspace,
    truth: [],
    response: { status: 200, headers: { 'x-oauth-scopes': SCOPES }, body },
  };
}

const METHODS: Readonly<
  Record<string, (workspace: Workspace, given: Arguments, now: number) => Answer>
> = {
  'auth.test': authTest,
  'chat.postMessage': post,
  'conversations.create': create,
  'conversations.setTopic': setTopic,
  'conversations.invite': invite,
  'conversations.archive': archive,
  'pins.add': pin,
};

/** Arguments as JSON. Slack also reads forms; this adapter sends none, so a form here would be a mistake. */
function argumentsOf(request: StandInRequest): Arguments | null {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return null;
  try {
    const parsed: unknown = JSON.parse(request.body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Arguments)
      : null;
  } catch {
    return null;
  }
}

function answered(state: State, request: StandInRequest, now: number): Answer {
  const method = METHODS[request.path.replace(/^\/api\//, '')];
  if (method === undefined || !request.path.startsWith('/api/') || request.method !== 'POST')
    return refused(state, 'unknown_method');
  const authorization = request.headers['authorization'];
  if (authorization === undefined) return refused(state, 'not_authed');
  if (authorization !== `Bearer ${state.token}`) return refused(state, 'invalid_auth');
  const given = argumentsOf(request);
  return given === null ? refused(state, 'json_not_object') : method(state, given, now);
}

function initial(seed: StandInSeed): State {
  const token = seed.target['bot_token'];
  if (typeof token !== 'string') throw new Error('a slack target has a bot_token');
  const members = seed.contacts.filter((contact): contact is string => typeof contact === 'string');
  let workspace: Workspace = { channels: [], members, posted: 0 };
  for (const wanted of seed.channels) {
    // A configuration names a channel by id or by name; a person's id as a channel is a direct message.
    const isKnown = isMemberId(wanted) || channelOf(workspace, wanted) !== undefined;
    if (isKnown) continue;
    const isId = /^[CG][A-Z0-9]{2,}$/.test(wanted);
    const name = wanted.replace(/^#/, '');
    const id = isId ? wanted : `C${String(workspace.channels.length + 1).padStart(8, '0')}`;
    const channel = {
      id,
      name,
      topic: '',
      archived: false,
      members: [],
      messages: [],
      pins: [],
      bucket: null,
    };
    workspace = { ...workspace, channels: [...workspace.channels, channel] };
  }
  return { ...workspace, token };
}

function handle(
  state: State,
  request: StandInRequest,
  now: number,
): StandInStep<State> & { readonly response: StandInResponse } {
  const { workspace, truth, response } = answered(state, request, now);
  return { state: { ...workspace, token: state.token }, truth, webhooks: [], response };
}

export const slackStandIn: StandIn<State> = {
  name: 'slack',
  urls: { base_url: '/api' },
  initial,
  handle,
};
