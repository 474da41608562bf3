// seeded: oxlint eslint(no-console)
export function report(text: string): void {
  console.log(text);
}
