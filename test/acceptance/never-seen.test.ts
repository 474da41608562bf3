/**
 * A configuration that the project has never seen.
 *
 * An observatory with its own five levels, roles, people, cadences and two pagers (observatory.yaml). Everything is said
 * over HTTP, as a stranger would with curl: the alert, the answers, the people's actions, the clock. What `GET /truth`
 * then tells is compared with a timetable written by hand from the configuration alone. It is played twice: inside this
 * process, and by the real one as `tocsin serve --sandbox --clock stepped` starts it.
 *
 *   0  the dome's alert fires: L3; Iris, on call, is rung on the horn
 *   3  she does not answer: Jules, behind her, is rung on the bell
 *   4  Jules answers, which declares: the pilot's service rings, and Iris' horn is quiet
 *   6  Kofi answers as pilot
 *  10  Jules sets the flag dome_open: L2. The speaker rings, the public page says Investigating at once
 *  30  twenty minutes later it says so again
 *  35  Kofi says that the cause is found, at 40 that it is repaired
 *  45  the alert clears; after five quiet minutes it is resolved, and every phone is quiet
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { alertmanagerBody } from '../support/bodies.ts';
import { speak } from '../support/http.ts';
import { openStage } from '../support/stage.ts';
import { expectTimetable } from '../support/timetable.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIG = fileURLToPath(new URL('./observatory.yaml', import.meta.url));

const TIMETABLE = `
   0:00 | rang         | iris@observatory.example | horn | high
   3:00 | rang         | PJULES1 | bell | high
   4:00 | acknowledged | PJULES1 | bell
   4:00 | acknowledged | iris@observatory.example | horn
   4:00 | rang         | PPILOT1 | bell | high
   6:00 | acknowledged | PPILOT1 | bell
  10:00 | rang         | PLIN001 | bell | high
  10:00 | posted       | investigating | Dome degraded_performance
  11:00 | acknowledged | PLIN001 | bell
  30:00 | posted       | investigating | Dome degraded_performance
  35:00 | posted       | identified    | Dome degraded_performance
  40:00 | posted       | monitoring    | Dome degraded_performance
  50:00 | posted       | resolved      | Dome operational
  50:00 | resolved     | iris@observatory.example | horn
  50:00 | resolved     | PJULES1 | bell
  50:00 | resolved     | PPILOT1 | bell
  50:00 | resolved     | PLIN001 | bell
`;

/** All that a stranger is told at the start. */
interface Address {
  readonly url: string;
  readonly sandbox: string;
  readonly adminToken: string;
  /** The bearer token with which the source `instruments` authenticates. */
  readonly instruments: string;
}

const truthShape = z.object({
  pages: z.array(
    z.object({
      at: z.number(),
      event: z.string(),
      address: z.string(),
      target: z.string(),
      urgency: z.string(),
    }),
  ),
  posts: z.array(
    z.object({ at: z.number(), status: z.string(), components: z.record(z.string(), z.string()) }),
  ),
});

function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Plays the night and returns what the sandbox tells of it. */
async function playNight({
  url,
  sandbox,
  adminToken,
  instruments,
}: Address): Promise<readonly string[]> {
  const must = async (
    address: string,
    body: object,
    token: string | null = null,
  ): Promise<unknown> => {
    const answer = await speak(address, { method: 'POST', body, token });
    if (answer.status >= 300) throw new Error(`${address}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  const advance = (by: string): Promise<unknown> => must(`${sandbox}/clock/advance`, { by });
  const answer = (address: string, by: string): Promise<unknown> =>
    must(`${sandbox}/answer`, { target: 'bell', address, by, verb: 'acknowledge' });
  const tokenOf = async (person: string): Promise<string> => {
    const made = await must(
      `${url}/api/v1/tokens`,
      { owner: { kind: 'person', id: person }, scopes: ['read', 'act'] },
      adminToken,
    );
    return z.object({ token: z.string() }).parse(made).token;
  };
  const pump = (status: 'firing' | 'resolved'): Promise<unknown> =>
    must(
      `${url}/webhooks/instruments`,
      alertmanagerBody({
        alertname: 'DomeStuck',
        status,
        labels: { service: 'dome', severity: 'page' },
      }),
      instruments,
    );
  const clock = await speak(`${sandbox}/clock`);
  const { at: start } = z.object({ at: z.number() }).parse(clock.json);
  const [jules, kofi] = [await tokenOf('jules'), await tokenOf('kofi')];

  await pump('firing');
  await advance('4m');
  await answer('PJULES1', 'PJULES1');
  await advance('2m');
  await answer('PPILOT1', 'PKOFI01');
  await advance('4m');
  const listed = await speak(`${url}/api/v1/incidents`, { token: jules });
  const [incident] = z
    .object({ incidents: z.array(z.object({ id: z.string() })) })
    .parse(listed.json).incidents;
  const act = (who: string, verb: string, body: object): Promise<unknown> =>
    must(`${url}/api/v1/incidents/${incident?.id ?? ''}/${verb}`, body, who);
  await act(jules, 'flags', { flag: 'dome_open' });
  await advance('1m');
  await answer('PLIN001', 'PLIN001');
  await advance('24m');
  await act(kofi, 'phase', { phase: 'identified' });
  await advance('5m');
  await act(kofi, 'phase', { phase: 'monitoring' });
  await advance('5m');
  await pump('resolved');
  await advance('30m');

  const { json } = await speak(`${sandbox}/truth`);
  const { pages, posts } = truthShape.parse(json);
  return [
    ...pages.map(({ at, event, address, target, urgency }) =>
      [minutes(at - start), event, address, target, ...(event === 'rang' ? [urgency] : [])].join(
        ' | ',
      ),
    ),
    ...posts.map(({ at, status, components }) =>
      [
        minutes(at - start),
        'posted',
        status,
        ...Object.entries(components).map(([name, state]) => `${name} ${state}`),
      ].join(' | '),
    ),
  ];
}

test('in this process: the night goes by the timetable', async () => {
  const stage = await openStage({ configFile: CONFIG, start: '2026-05-04T22:00:00Z' });
  const { url, firstToken, loaded } = stage.app();
  const happened = await playNight({
    url,
    sandbox: stage.sandbox().url,
    adminToken: firstToken ?? '',
    instruments: loaded.secretsByPath['sources.instruments.token']?.reveal() ?? '',
  });
  expectTimetable(happened, TIMETABLE);
}, 30_000);

/** Reads what the process prints until everything is there that a stranger needs. */
async function addressOf(child: ChildProcess): Promise<Address> {
  let output = '';
  const found = (pattern: RegExp): string | undefined => pattern.exec(output)?.[1];
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = found(/listens on (\S+)/);
      const sandbox = found(/(http:\/\/\S+)\/truth/);
      const adminToken = found(/(tcs_\S+)/);
      const instruments = found(/sources\.instruments\.\S+ was not set and is (\S+)/);
      if (url && sandbox && adminToken && instruments)
        resolve({ url, sandbox, adminToken, instruments });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
}

test('as the real process: serve --sandbox --clock stepped goes by the same timetable', async () => {
  const node = `${ROOT}node_modules/.bin/node`;
  const options = [
    'serve',
    '--sandbox',
    '--clock',
    'stepped',
    '--listen',
    '127.0.0.1:0',
    '--config',
    CONFIG,
  ];
  const child = spawn(node, ['bin/tocsin.js', ...options], { cwd: ROOT });
  const ended = new Promise<void>((done) => void child.once('exit', () => done()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });

  expectTimetable(await playNight(await addressOf(child)), TIMETABLE);
  expect(child.exitCode).toBeNull();
}, 60_000);
