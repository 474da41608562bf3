// seeded: oxlint eslint(no-restricted-properties)
export function roll(): number {
  return Math.random();
}
