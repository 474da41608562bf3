/** `npm run faults`: plays every way in which a pager misbehaves and prints what came of it; `npm run faults -- hangs` some. */
import { CASES, play, tableOf } from './matrix.ts';

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = CASES.filter(({ way, fault }) =>
  words.every((word) => `${way.name} ${fault}`.toLowerCase().includes(word)),
);
const rows: (readonly string[])[] = [];
for (const one of chosen) rows.push(await play(one));
process.stdout.write(tableOf(rows));
