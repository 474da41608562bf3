/** What stories of the public page share: how it fails, and what is read there and alarmed about it. */
import { type Answered, speak } from '../support/http.ts';
import type { Stage } from '../support/stage.ts';
import { trams } from './trams.ts';

/** It does what it is told and answers that it failed, and answers no question. */
export function misbehave(stage: Stage): void {
  stage.fault({ target: 'page', method: 'POST', fault: '5xx-but-done' });
  stage.fault({ target: 'page', method: 'PATCH', fault: '5xx-but-done' });
  stage.fault({ target: 'page', method: 'GET', fault: 'hang' });
}

/** Line 1 stops at eight, and whoever is rung answers. */
export async function stopped(
  edit: (yaml: string) => string,
  before: (stage: Stage) => void = () => undefined,
): Promise<Stage> {
  const stage = await trams(edit);
  before(stage);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** What the public reads, with the incident of the page that says it. */
export function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, ref, status }) => `${time.slice(11, 16)} ${ref} ${status}`);
}

export async function alarms(stage: Stage): Promise<readonly string[]> {
  return Object.values((await stage.incident()).alarms).map(({ reason }) => reason);
}

/** A machine whose token may approve rejects a post of the first incident. */
export async function rejectsAsMachine(
  stage: Stage,
  draft: string,
  body: { readonly closed: boolean; readonly reason: string },
): Promise<Answered> {
  const owner = { kind: 'machine', id: 'bot' };
  const made = await stage.api('admin', 'POST /api/v1/tokens', { owner, scopes: ['approve'] });
  const { token } = made.json as { readonly token: string };
  const url = `${stage.app().url}/api/v1/incidents/inc-1/posts/${draft}/reject`;
  return speak(url, { token, body });
}
