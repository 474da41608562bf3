// seeded: tsc TS7027
export function zero(): number {
  return 0;
  return 1;
}
