// seeded: oxlint eslint(no-restricted-globals)
export function year(): number {
  return new Date().getUTCFullYear();
}
