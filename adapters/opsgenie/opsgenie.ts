/**
 * Opsgenie, and the integration endpoint of its successor Jira Service Management, which speaks the same language: a
 * source (outgoing webhooks), a pager (alerts with an alias), on-call schedules, reconciling after an outage, doctor.
 */
import { defineAdapter } from '../../src/contract/index.ts';
import { contact, sourceConfig, targetConfig } from './config.ts';
import type { SourceConfig, TargetConfig } from './config.ts';
import { doctor } from './doctor.ts';
import { onCall } from './on-call.ts';
import { OURSELVES, pager } from './pager.ts';
import { poll } from './poll.ts';
import { parseDelivery, verify } from './webhook.ts';

export const opsgenie = defineAdapter<SourceConfig, TargetConfig>({
  name: 'opsgenie',
  config: targetConfig,
  contact,
  contactIds: (given) => (typeof given === 'string' && given !== '' ? [given] : []),
  ownNames: () => [OURSELVES],
  source: { config: sourceConfig, verify, parse: (request) => parseDelivery(request.body) },
  poll,
  pager,
  onCall,
  doctor,
});
