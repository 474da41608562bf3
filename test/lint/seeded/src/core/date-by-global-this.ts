// seeded: oxlint eslint(no-restricted-globals)
export function now(): number {
  return globalThis.Date.now();
}
