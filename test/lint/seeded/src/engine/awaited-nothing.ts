// seeded: oxlint typescript(await-thenable)
export async function run(count: number): Promise<number> {
  return await count;
}
