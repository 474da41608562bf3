/**
 * Read-backs.
 *
 * A hospital has hundreds of wards, each with a team of its own at the pager. At four in the night the power fails and all
 * of them ring. What a pager accepted is read back: did it really arrive? Those questions may be many, they may hang, and
 * the pager may have had enough of them. The phone of the surgeon, who is wanted a moment later, waits for none of it.
 */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { openStage, type Stage } from '../support/stage.ts';

const wardsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `ward-${n}`);

type Pager = 'og' | 'pd';

const at: Readonly<Record<Pager, (ward: string, n: number) => string>> = {
  og: (ward) => `{via: og, team: {name: ${ward}, id: ${ward}}}`,
  pd: (ward, n) => `{via: pd, service: {name: ${ward}, id: PWARD${n}}, key: "\${KEY_${n}}"}`,
};

function config(pager: Pager, wards: readonly string[]): string {
  return `
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}"}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}
  og: {type: opsgenie, mode: live, api_key: "\${OG_KEY}"}
people:
  surgeon: {${pager === 'og' ? 'opsgenie: surgeon@example.com' : 'pagerduty: {name: Surgeon, id: PSURGEO}'}}
routes:
  - {default: true, team: hospital, severity: bad}
severities:
  worst: {criteria: Everything., urgency: high, page: {triage: [on-duty]}}
  bad: {criteria: Somebody needs help., urgency: high, declare: {by: [person]}, page: {triage: [on-duty]}, soak: {for: 30m}}
roles:
  on-duty: {page: service.on_call}
automation: {ceiling: bad, alarms: {page: surgeon}}
team: hospital
services:
  theatre: {on_call: surgeon}
${wards.map((ward, n) => `  ${ward}: {on_call: ${at[pager](ward, n)}}`).join('\n')}
rules:
  - {name: surgery, match: 'alertname="Surgery"', service: theatre}
  - {name: power, match: 'alertname="PowerOut"', group_by: [service]}
`;
}

function hospital(pager: Pager, wards: readonly string[]): Promise<Stage> {
  const keys = wards.map((_, n) => [`KEY_${n}`, n.toString(16).padStart(32, '0')] as const);
  return openStage({
    yaml: config(pager, wards),
    start: '2026-02-03T04:00:00Z',
    environment: {
      TOKEN: 'alertmanager-token',
      PD_TOKEN: 'pagerduty-rest-token',
      OG_KEY: 'opsgenie-api-key',
      ...Object.fromEntries(keys),
    },
  });
}

/** The power fails in all wards, and the pager takes their pages; what it is asked then meets the fault. */
async function powerOut(pager: Pager, fault: Fault): Promise<Stage> {
  const wards = wardsOf(100);
  const stage = await hospital(pager, wards);
  stage.fault({ ...fault, target: pager, method: 'GET' });
  await stage.alert(wards.map((service) => ({ alertname: 'PowerOut', labels: { service } })));
  await stage.at('1s');
  expect(stage.pages('rang')).toHaveLength(100);
  return stage;
}

async function surgeonRang(stage: Stage): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings.filter((line) => line.includes('surgeon')).map((line) => line.slice(0, 8));
}

describe.each(['og', 'pd'] as const)('at %s, while a hundred pages are read back', (pager) => {
  test('and every question hangs, a page leaves at once', async () => {
    const stage = await powerOut(pager, { fault: 'hang' });
    await stage.at('7s');
    await stage.alert({ alertname: 'Surgery' });
    await stage.at('8s');
    expect(await surgeonRang(stage)).toEqual(['04:00:07']);
    stage.healed();
    await stage.at('20s');
  });

  test('and every question is answered with "come back in ten minutes", a page leaves at once', async () => {
    const stage = await powerOut(pager, { fault: '429', retryAfterMs: 600_000 });
    await stage.at('6s');
    const asked = (): number => stage.sandbox().faults()[0]?.hits ?? 0;
    const once = asked();
    await stage.at('7s');
    await stage.alert({ alertname: 'Surgery' });
    await stage.at('8s');
    expect(await surgeonRang(stage)).toEqual(['04:00:07']);
    await stage.at('29s');
    expect(asked(), 'and it is not asked again so soon').toBe(once);
  });
});
