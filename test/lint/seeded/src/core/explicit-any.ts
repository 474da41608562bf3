// seeded: oxlint typescript(no-explicit-any)
export function show(value: any): string {
  return String(value);
}
