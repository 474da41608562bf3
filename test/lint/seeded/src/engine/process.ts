// seeded: oxlint eslint(no-restricted-globals)
export function home(): string | undefined {
  return process.env['HOME'];
}
