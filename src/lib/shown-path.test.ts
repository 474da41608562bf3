/** What is said of a file that cannot be read. */
import { expect, test } from 'vitest';
import { looksLikePath, unreadableFile } from './shown-path.ts';

test.each([
  'secrets/pagerduty_token',
  '/run/secrets/pd',
  '../keys/am2_token',
  './slack.token',
  'nowhere.txt',
  '/etc/tocsin/Pagerduty-2026.key',
])('%s is named in full', (path) => {
  expect(looksLikePath(path)).toBe(true);
  expect(unreadableFile(path, `/x/${path}`)).toBe(`the file /x/${path} cannot be read`);
});

test.each([
  'u+PLANTpdTOK/EN=secret%41~0123456789',
  'y_NbAkKc66ryYTWUXYEu',
  'eb243592-faa2-4ba2-a551-1afdf565c889',
  'xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N',
  'tcn_7f3k9dmq2x',
  'q8Zr/4TtB0w+1kM5vJxSg==',
  'abcdef',
])('%s may be a secret, of which little is repeated', (secret) => {
  expect(looksLikePath(secret)).toBe(false);
  const said = unreadableFile(secret, `/x/${secret}`);
  expect(said).toContain(`${secret.length} characters`);
  expect(said).not.toContain(secret.slice(0, 5));
});
