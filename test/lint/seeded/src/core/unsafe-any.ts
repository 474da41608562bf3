// seeded: oxlint typescript(no-unsafe-member-access)
export function show(text: string): string {
  return String(JSON.parse(text).title);
}
