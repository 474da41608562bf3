// seeded: oxlint eslint(no-restricted-properties)
export function id(): string {
  return crypto.randomUUID();
}
