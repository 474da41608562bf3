/** Every adapter there is: one line per vendor. A test compares this list with the folders beside it. */
import type { Registry } from '../src/contract/index.ts';
import { alertmanager } from './alertmanager/alertmanager.ts';
import { genericWebhook } from './generic-webhook/generic-webhook.ts';
import { opsgenie } from './opsgenie/opsgenie.ts';
import { pagerduty } from './pagerduty/pagerduty.ts';
import { slack } from './slack/slack.ts';
import { statuspage } from './statuspage/statuspage.ts';

export const registry: Registry = [
  pagerduty,
  opsgenie,
  alertmanager,
  genericWebhook,
  statuspage,
  slack,
];
