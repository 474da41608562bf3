/** A small configuration for stories that need few words: a harbour with one service, a watch and nobody else. */
export const HARBOUR = `
sources:
  prometheus: {type: alertmanager, token_file: secrets/am}
  pagerduty: {type: pagerduty, secret_file: secrets/pd-hooks, target: pd}
targets:
  pd:
    type: pagerduty
    mode: live
    token_file: secrets/pd
    from: tocsin@harbour.example
    people_service: {name: Harbour people, id: PHARB00}
  chat: {type: slack, mode: live, bot_token_file: secrets/slack}
people:
  nora: {pagerduty: {name: Nora, id: PNORA01}}
  olav: {pagerduty: {name: Olav, id: POLAV01}}
  petra: {pagerduty: {name: Petra, id: PPETR01}}
  sigrid: {pagerduty: {name: Sigrid, id: PSIGR01}}
routes:
  - {default: true, team: docks, severity: red}
severities:
  red:
    criteria: A ship cannot move.
    urgency: high
    declare: {by: [person]}
    page: {triage: [watch]}
    soak: {for: 10m, then: resolve}
  green:
    criteria: Everything else.
    urgency: low
    declare: {by: [person]}
roles:
  watch: {page: service.on_call, escalation: ladder}
  harbour_master: {page: sigrid, commands: true}
escalation_policies:
  ladder:
    steps:
      - {page: own, wait: 5m}
      - {page: fallback, wait: 10m}
      - {page: petra, wait: 15m}
      - {page: sigrid}
automation:
  ceiling: red
  alarms: {page: sigrid, chat: {via: chat, channel: "#harbour"}, every: 10m}
team: docks
on_call: nora
chat: {via: chat, channel: "#docks"}
services:
  pumps: {on_call: nora, fallback: olav, escalation: ladder}
rules:
  - {name: everything, group_by: [service, alertname]}
`;
