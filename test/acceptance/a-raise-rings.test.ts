/**
 * A raise rings.
 *
 * 02:00 UTC: checkout is slow. It is a SEV3, so Ada is rung at low urgency; she acknowledges, which declares the incident
 * and asks for a commander, at low urgency too. At 02:20 she sees balances that do not add up and sets the flag
 * data_integrity. A trigger raises the incident to SEV1, and Ada, who acknowledged a low-urgency page, is rung again at
 * high urgency: now everybody must come. The clocks of SEV1 start with the raise: the first public post is due within
 * five minutes of it. When it is resolved, everything that we opened at the vendors is closed.
 */
import { expect, test } from 'vitest';
import { openStage } from '../support/stage.ts';

test('the same person rings high, the public is due from the raise, everything closes at resolve', async () => {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });

  await stage.at('02:00');
  await stage.alert({
    alertname: 'CheckoutLatency',
    labels: { service: 'checkout', severity: 'warning' },
  });
  await stage.at('02:03');
  await stage.answer('ada');
  await stage.at('02:05');
  await stage.answer('mats', { target: 'pd', at: 'PSVC001' });
  await stage.at('02:20');
  await stage.act('ada', 'flags', { flag: 'data_integrity' });
  await stage.at('02:21');
  await stage.answer('ada');
  await stage.answer('mats', { target: 'pd', at: 'PSVC001' });
  for (const person of ['cleo', 'eva', 'jon', 'kim']) await stage.answer(person);
  await stage.at('02:40');
  await stage.act('mats', 'resolve', { text: 'The writer is repaired.' });
  await stage.approve('cleo');
  await stage.at('02:44');

  // Mats commands already, so the roles that a commander of a SEV1 has around him ring with the raise.
  await stage.timetable(`
    02:00:00 | rang         | ada     | subject_matter_expert | pd | low
    02:03:00 | acknowledged | ada     | subject_matter_expert | pd
    02:03:00 | rang         | PSVC001 | incident_commander    | pd | low
    02:05:00 | acknowledged | PSVC001 | incident_commander    | pd
    02:20:00 | rang         | ada     | subject_matter_expert | pd | high
    02:20:00 | rang         | PSVC001 | incident_commander    | pd | high
    02:20:00 | rang         | cleo    | communications_lead   | pd | high
    02:20:00 | rang         | eva     | scribe                | pd | high
    02:20:00 | rang         | jon     | internal_liaison      | pd | high
    02:20:00 | rang         | kim     | deputy                | pd | high
    02:20:00 | posted       | investigating | Checkout degraded_performance | status
    02:21:00 | acknowledged | ada     | subject_matter_expert | pd
    02:21:00 | acknowledged | PSVC001 | incident_commander    | pd
    02:21:00 | acknowledged | cleo    | communications_lead   | pd
    02:21:00 | acknowledged | eva     | scribe                | pd
    02:21:00 | acknowledged | jon     | internal_liaison      | pd
    02:21:00 | acknowledged | kim     | deputy                | pd
    02:40:00 | resolved     | ada     | subject_matter_expert | pd
    02:40:00 | resolved     | ada     | subject_matter_expert | pd
    02:40:00 | resolved     | PSVC001 | incident_commander    | pd
    02:40:00 | resolved     | PSVC001 | incident_commander    | pd
    02:40:00 | resolved     | cleo    | communications_lead   | pd
    02:40:00 | resolved     | eva     | scribe                | pd
    02:40:00 | resolved     | jon     | internal_liaison      | pd
    02:40:00 | resolved     | kim     | deputy                | pd
    02:40:00 | posted       | resolved | Checkout operational | status
  `);
  const open = new Set(stage.pages('rang').map(({ ref }) => ref));
  for (const { ref } of stage.pages('resolved')) open.delete(ref);
  expect([...open]).toEqual([]);
});
