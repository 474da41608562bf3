// seeded: oxlint eslint(eqeqeq)
export function same(a: string, b: string): boolean {
  return a == b;
}
