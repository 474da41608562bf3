/** What others do at the pagers, past Tocsin: an integration of the vendor's own opens an incident, a script changes it. */
import type { Answered } from '../support/http.ts';
import type { Stage } from '../support/stage.ts';

export type Vendor = 'pd' | 'og';

/** Both pagers at the tram company: the driver has a phone at each, and each tells of its own incidents. */
export function bothPagers(yaml: string): string {
  return yaml
    .replace(
      '\n  page: {type: statuspage',
      '\n  og: {type: opsgenie, mode: live, api_key_file: secrets/og}\n  page: {type: statuspage',
    )
    .replace(
      '\ntargets:',
      '\n  genie: {type: opsgenie, token: "${HOOK}", header: x-secret, target: og}\ntargets:',
    )
    .replace(
      'driver: {pagerduty: {name: Driver, id: PDRIVER}}',
      'driver: {pagerduty: {name: Driver, id: PDRIVER}, opsgenie: driver@trams.example}',
    )
    .replace(
      '- {name: stopped',
      '- {name: theirs, match: \'line="1"\', service: line-1}\n  - {name: stopped',
    );
}

/** From now on no webhook of theirs is taken: somebody changed the secrets here and forgot to change them there. */
export function unheard(yaml: string): string {
  return yaml.replaceAll('"${HOOK}"', '"${TOKEN}"');
}

function secretOf(stage: Stage, path: string): string {
  return stage.app().loaded.secretsByPath[path]?.reveal() ?? '';
}

/** A request of PagerDuty's REST API as its own people make it; `from`: the e-mail of who does. */
export function atPagerDuty(
  stage: Stage,
  path: string,
  {
    from = 'tocsin@example.com',
    ...request
  }: { readonly method: string; readonly body?: object; readonly from?: string },
): Promise<Answered> {
  return stage.atVendor('pd', `/api${path}`, {
    ...request,
    headers: {
      authorization: `Token token=${secretOf(stage, 'targets.pd.token')}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      'content-type': 'application/json',
      from,
    },
  });
}

/** An integration of the vendor's own opens an incident that rings the driver. */
export async function opensTheirs(stage: Stage, vendor: Vendor, title: string): Promise<void> {
  const answered =
    vendor === 'pd'
      ? await atPagerDuty(stage, '/incidents', {
          method: 'POST',
          body: {
            incident: {
              type: 'incident',
              title,
              urgency: 'high',
              service: { id: 'PPEOPLE', type: 'service_reference' },
              assignments: [{ assignee: { id: 'PDRIVER', type: 'user_reference' } }],
            },
          },
        })
      : await stage.atVendor('og', '/v2/alerts', {
          headers: {
            authorization: `GenieKey ${secretOf(stage, 'targets.og.api_key')}`,
            'content-type': 'application/json',
          },
          body: {
            message: title,
            responders: [{ type: 'user', username: 'driver@trams.example' }],
            priority: 'P1',
          },
        });
  if (answered.status >= 300)
    throw new Error(`${vendor} refused: ${answered.status} ${answered.text}`);
}
