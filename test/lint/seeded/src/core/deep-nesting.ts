// seeded: oxlint eslint(max-depth)
export function count(rows: readonly (readonly number[])[]): number {
  let total = 0;
  for (const row of rows) {
    for (const cell of row) {
      if (cell > 0) {
        if (cell < 10) {
          total += cell;
        }
      }
    }
  }
  return total;
}
