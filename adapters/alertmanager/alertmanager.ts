/**
 * Prometheus Alertmanager: a source of alerts (webhook format, version 4). It has no target side: Alertmanager is told
 * nothing, it repeats by itself until the condition ends.
 */
import { z } from 'zod';
import { defineAdapter, isBasic, isBearer, secrets } from '../../src/contract/index.ts';
import type { RawRequest, Verified } from '../../src/contract/index.ts';
import { parseDelivery } from './parse.ts';

const sourceConfig = z
  .strictObject({
    token: secrets(
      'Bearer token that Alertmanager sends: `http_config: {authorization: {credentials_file: ...}}` of its webhook_config. Several are valid at once while you rotate.',
    ).optional(),
    basic_auth: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .meta({ description: '`http_config.basic_auth.username` of the webhook_config.' }),
        password: secrets(
          '`http_config.basic_auth.password` of the webhook_config. Several are valid at once while you rotate.',
        ),
      })
      .optional()
      .meta({ description: 'Basic authentication instead of a bearer token.' }),
  })
  .refine((config) => config.token !== undefined || config.basic_auth !== undefined, {
    message:
      'Alertmanager does not sign its webhooks: give `token_file` (bearer token) or `basic_auth` (username, password_file)',
  });

type SourceConfig = z.infer<typeof sourceConfig>;

/** Alertmanager signs nothing and numbers nothing: the credential is all there is, and each delivery is a new one. */
function verify(request: RawRequest, config: SourceConfig): Verified {
  const given = request.headers['authorization'];
  if (given === undefined) return { ok: false, reason: 'the Authorization header is missing' };
  if (config.token !== undefined && isBearer(given, config.token))
    return { ok: true, deliveryId: null };
  const basic = config.basic_auth;
  if (basic !== undefined && isBasic(given, basic.username, basic.password))
    return { ok: true, deliveryId: null };
  return {
    ok: false,
    reason: 'the Authorization header holds none of the credentials of this source',
  };
}

export const alertmanager = defineAdapter<SourceConfig, never>({
  name: 'alertmanager',
  source: {
    config: sourceConfig,
    repeats: 'always',
    verify,
    parse: (request) => parseDelivery(request.body),
    // The rules that come with Prometheus have it under this name.
    // https://runbooks.prometheus-operator.dev/runbooks/general/watchdog/
    alwaysFires: 'alertname="Watchdog"',
  },
});
