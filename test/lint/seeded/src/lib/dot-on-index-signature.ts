// seeded: tsc TS4111
export function team(labels: Record<string, string>): string | undefined {
  return labels.team;
}
