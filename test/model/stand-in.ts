/** Plays the imaginary vendor: https://model.example/docs/messages, and nothing else. */
import { z } from 'zod';
import type {
  StandIn,
  StandInRequest,
  StandInResponse,
  StandInStep,
} from '../../src/contract/index.ts';

interface State {
  readonly token: string;
  readonly posted: number;
}

/** "Text has 100 characters at most." */
const CHARACTERS_MAX = 100;

/** "A message has a channel and a text." */
const message = z.object({ channel: z.string().min(1), text: z.string().min(1) });

/** What is to be posted; null: it is no message. */
function messageIn({ body }: StandInRequest): z.output<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

function handle(
  state: State,
  request: StandInRequest,
): StandInStep<State> & { readonly response: StandInResponse } {
  const refused = (status: number, error: string) => ({
    state,
    truth: [],
    webhooks: [],
    response: { status, body: { error } },
  });
  // "There is one method: POST /messages."
  if (request.method !== 'POST' || request.path !== '/messages') return refused(404, 'no method');
  // "Who asks is said by a bearer token."
  if (request.headers['authorization'] !== `Bearer ${state.token}`) return refused(401, 'no token');
  const posting = messageIn(request);
  if (posting === null) return refused(400, 'a message has a channel and a text');
  if ([...posting.text].length > CHARACTERS_MAX) return refused(400, 'the text is too long');
  const posted = state.posted + 1;
  const ref = `m${posted}`;
  return {
    state: { ...state, posted },
    truth: [{ kind: 'message', event: 'posted', ...posting, ref }],
    webhooks: [],
    response: { status: 201, body: { id: ref } },
  };
}

export const modelStandIn: StandIn<State> = {
  name: 'model',
  urls: { base_url: '' },
  initial: ({ target }) => {
    const token = target['token'];
    if (typeof token !== 'string') throw new Error('a target of the model has a token');
    return { token, posted: 0 };
  },
  handle,
};
