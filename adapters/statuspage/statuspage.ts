/** Atlassian Statuspage: public posts and component states. https://developer.statuspage.io */
import { defineAdapter } from '../../src/contract/index.ts';
import { config } from './api.ts';
import { check, components } from './components.ts';
import { find, publish } from './publish.ts';

export const statuspage = defineAdapter({
  name: 'statuspage',
  config,
  statusPage: { publish, find, components },
  doctor: { check },
});
