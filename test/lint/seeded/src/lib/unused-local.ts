// seeded: tsc TS6133
export function zero(): number {
  const one = 1;
  return 0;
}
