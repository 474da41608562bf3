// seeded: oxlint eslint(no-restricted-properties)
export function limit(): AbortSignal {
  return AbortSignal.timeout(1000);
}
