/**
 * PagerDuty: a pager (Events API v2 by service key, REST incidents for persons, responder requests), a source (webhooks
 * v3, reconciled by log entries after an outage) and on-call schedules.
 *
 * `developer-docs <file>` in this folder names a file below `docs/` of https://github.com/PagerDuty/developer-docs, from
 * which https://developer.pagerduty.com is made.
 */
import { defineAdapter } from '../../src/contract/index.ts';
import { cannot, config, contact, contactIds, ownNames } from './config.ts';
import { doctor } from './doctor.ts';
import { ownNamesLack } from './lacks.ts';
import { onCall } from './on-call.ts';
import { pager } from './pager.ts';
import { poll } from './poll.ts';
import { source } from './source.ts';

export const pagerduty = defineAdapter({
  name: 'pagerduty',
  config,
  contact,
  contactIds,
  ownNames,
  ownNamesLack,
  cannot,
  source,
  poll,
  pager,
  onCall,
  doctor,
});
