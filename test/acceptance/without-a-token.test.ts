/**
 * A pager without a token.
 *
 * The tram company pages services by their integration keys alone: the target has no REST token, so nothing can be asked.
 * What PagerDuty took is believed, since nobody can look. Its webhooks tell of incidents without a key; those of a service
 * that we just rang are not taken for somebody else's, which would open an incident for each page, and so on for ever.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const service = (name: string): string =>
  `{via: pd, service: {name: ${name}, id: P${name.toUpperCase()}}, key: "\${HOOK}${name}"}`;

const byKeysAlone = (yaml: string): string =>
  trusting(yaml)
    .replace(/pd: \{type: pagerduty, mode: live.*/, 'pd: {type: pagerduty, mode: live}')
    .replace(
      'on_call: driver',
      `on_call: ${service('driver')}, escalation: vendor, unanswered: {after: 30m, page: desk}`,
    )
    .replace(
      'commander: {page: boss, commands: true}',
      `commander: {page: ${service('boss')}, commands: true, escalation: vendor}\n  desk: {page: ${service('desk')}, escalation: vendor}`,
    )
    .replace('speaker: {page: herald}', `speaker: {page: ${service('herald')}, escalation: vendor}`)
    .replace('alarms: {page: boss', `alarms: {page: ${service('desk')}`)
    .replaceAll(/\{pagerduty: \{name: \w+, id: P(\w+)\}\}/g, '{slack: U0$1}');

async function night(): Promise<Stage> {
  const stage = await trams(byKeysAlone);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('4m');
  return stage;
}

test('a page by key is through when it was taken: nobody is alarmed, and it is sent once', async () => {
  const stage = await night();
  expect(stage.messages().filter(({ text }) => text.includes('ALARM'))).toEqual([]);
  expect(stage.pages().map(({ event }) => event)).toEqual(['rang', 'rang', 'rang']);
});

test('what we rang ourselves opens no incident; what others rang at another service does', async () => {
  const stage = await night();
  expect(await stage.incidents()).toHaveLength(1);
  await stage.deliver('calls', {
    event: {
      id: 'e1',
      event_type: 'incident.triggered',
      occurred_at: '2026-06-09T08:04:00Z',
      data: {
        id: 'QOTHER',
        type: 'incident',
        incident_key: null,
        title: 'The depot is dark',
        service: { id: 'PDEPOT1', type: 'service_reference', summary: 'Depot' },
      },
    },
  });
  await stage.at('5m');
  expect((await stage.incidents()).map(({ routing }) => routing.source)).toEqual([
    'prometheus',
    'calls',
  ]);
});
