/** Who is on call, by Opsgenie's own schedules. https://docs.opsgenie.com/docs/who-is-on-call-api */
import { isoOf, listOf, memberOf } from '../../src/contract/index.ts';
import type { OnCallPart, OnCallPerson } from '../../src/contract/index.ts';
import { pathOf, read } from './api.ts';
import type { TargetConfig } from './config.ts';
import { personOf } from './person.ts';

export const onCall: OnCallPart<TargetConfig> = {
  whoIsOn: async (schedule, at, io) => {
    const answer = await read(io, pathOf('v2', 'schedules', schedule.id, 'on-calls'), {
      scheduleIdentifierType: 'id',
      // `flat` walks nested escalations and teams down to the users.
      flat: 'true',
      // yyyy-MM-dd'T'HH:mm:ssZ, the offset in figures.
      date: isoOf(at).replace('Z', '+00:00'),
    });
    if (!answer.ok) return answer;
    const recipients = memberOf(answer.data, 'onCallRecipients');
    if (!Array.isArray(recipients))
      return { ok: false, reason: 'server_error', detail: 'the answer names no onCallRecipients' };
    const people = listOf(recipients).flatMap((recipient): readonly OnCallPerson[] => {
      const person = personOf(recipient);
      const id = person?.id ?? person?.email ?? person?.name ?? null;
      return person === null || id === null ? [] : [{ id, name: person.name, email: person.email }];
    });
    return { ok: true, data: people };
  },
};
