// seeded: oxlint typescript(no-floating-promises)
async function settle(): Promise<void> {}

export function run(): void {
  settle();
}
