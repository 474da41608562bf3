/** Every vendor that the sandbox can play: one line per vendor. */
import type { AnyStandIn } from '../src/contract/index.ts';
import { opsgenieStandIn } from './opsgenie/stand-in.ts';
import { standIn as pagerdutyStandIn } from './pagerduty/stand-in.ts';
import { slackStandIn } from './slack/stand-in.ts';
import { statuspageStandIn } from './statuspage/stand-in.ts';

export const standIns: readonly AnyStandIn[] = [
  pagerdutyStandIn,
  opsgenieStandIn,
  statuspageStandIn,
  slackStandIn,
];
