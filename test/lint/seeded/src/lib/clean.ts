// seeded: nothing
export async function load(key: string): Promise<string> {
  await Promise.resolve();
  return key;
}
