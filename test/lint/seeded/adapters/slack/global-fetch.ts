// seeded: oxlint eslint(no-restricted-globals)
export async function post(url: string): Promise<number> {
  return (await fetch(url)).status;
}
