// seeded: tsc TS7030
export function sign(count: number) {
  if (count > 0) return 'plus';
}
