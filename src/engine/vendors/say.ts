/** Words about Tocsin itself, outside of any incident: to the channel that is told of alarms, once, best effort. */
import type { Log } from '../../contract/adapter.ts';
import type { Clock } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Setup } from '../setup.ts';
import type { Targets } from './targets.ts';

export interface SayOptions {
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
}

const SAY_WITHIN_MS = 10_000;

/** Posts the text. Never throws: what cannot be said is logged. */
export async function sayAboutTocsin(text: string, options: SayOptions): Promise<void> {
  const { clock, log, targets } = options;
  const to = options.setup().policy.automation.alarm.chat;
  const target = to === null ? null : targets.get(to.target);
  const chat = target?.part.adapter.chat;
  if (
    to === null ||
    target === null ||
    chat === undefined ||
    target.mode === 'off' ||
    target.mode === 'shadow'
  )
    return;
  const http = options.http.scoped({
    target: to.target,
    endsAt: clock.monotonic() + SAY_WITHIN_MS,
  });
  const order = {
    idempotencyKey: `say/${clock.id()}`,
    deadline: clock.now() + SAY_WITHIN_MS,
    channel: to.channel,
    text,
    thread: null,
  };
  try {
    const outcome = await chat.post(order, {
      config: target.part.config,
      http,
      now: clock.now(),
      log,
    });
    if (outcome.verb !== 'delivered')
      log.warn(
        { target: to.target, detail: outcome.detail },
        'a word about Tocsin itself could not be posted',
      );
  } catch (error) {
    log.error({ error, target: to.target }, 'an adapter threw: this is a bug of the adapter');
  }
}
