/**
 * The thread of the heartbeats. It makes its requests itself, for the main thread may stand still, and that is what
 * heartbeats are for: they end then. To each address they go independently of the others.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { createHttpClient } from '../outgoing/http-client.ts';
import { createRedactor } from '../telemetry/redact.ts';
import { createBeats } from './beats.ts';
import type { Beaten, HeartbeatData, ToThread } from './heartbeat.ts';

const WITHIN_MS = 10_000;

const { everyMs, to, allowPrivateHosts, userAgent } = workerData as HeartbeatData;
const clock = systemClock();
const redactor = createRedactor();
for (const { url, token } of to) for (const secret of [url, token ?? '']) redactor.register(secret);
const http = createHttpClient({
  clock,
  allow: { hosts: allowPrivateHosts },
  redact: (text) => redactor.redactCut(text),
  userAgent,
});

const underWay = new Set<number>();

/** One POST: with a token to another Tocsin, which reads the body; without one, and without a body, to anybody else. */
async function beat(index: number, { url, token }: HeartbeatData['to'][number]): Promise<void> {
  const answer = await http.scoped({ target: 'heartbeat' }).send({
    method: 'POST',
    url,
    timeoutMs: WITHIN_MS,
    ...(token === null
      ? { headers: { 'content-length': '0' } }
      : { headers: { authorization: `Bearer ${token}` }, json: { alertname: 'TocsinAlive' } }),
  });
  const isTaken = answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
  const why = answer.kind === 'answered' ? `answered ${answer.status}` : answer.detail;
  parentPort?.postMessage({ index, why: isTaken ? null : why } satisfies Beaten);
}

const beats = createBeats({
  clock,
  everyMs,
  send: () => {
    for (const [index, one] of to.entries()) {
      // An address that hangs gets no second request beside the first.
      if (underWay.has(index)) continue;
      underWay.add(index);
      void beat(index, one).finally(() => underWay.delete(index));
    }
  },
});

parentPort?.on('message', (said: ToThread) => {
  if (said !== 'stop') return beats.heard(said);
  beats.stop();
  http.close();
  parentPort?.close();
});
beats.start();
