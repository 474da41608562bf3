// seeded: oxlint eslint(no-restricted-globals)
export function later(run: () => void): void {
  setTimeout(run, 1000);
}
