/** Every adapter there is: one line per vendor. A test compares this list with the folders beside it. */
import type { Registry } from '../src/contract/index.ts';
import { alertmanager } from './alertmanager/alertmanager.ts';
import { opsgenie } from './opsgenie/opsgenie.ts';

export const registry: Registry = [opsgenie, alertmanager];
