// seeded: oxlint eslint(no-restricted-globals)
export function soon(run: () => void): void {
  queueMicrotask(run);
}
