/** `npm run chaos`: every experiment in its long form, as a table; `npm run chaos -- clock` some; `--seed 7` others of them. */
import { parseArgs } from 'node:util';
import { EXPERIMENTS } from './all.ts';
import { type Row, tableOf, undoAll } from './experiment.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, tries: { type: 'string' } },
});
const chosen = EXPERIMENTS.filter(({ name }) =>
  positionals.every((word) => name.toLowerCase().includes(word.toLowerCase())),
);
const rows: Row[] = [];
/** By whom it is ended, and with which code. What was played by then is said. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
const endBy = async (code: number): Promise<void> => {
  process.stdout.write(tableOf(rows));
  await undoAll();
  process.exit(code);
};
for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => void endBy(code));
for (const { name, tries, whyNot, run } of chosen) {
  const skipped = whyNot?.() ?? null;
  const many = Number(values.tries ?? tries);
  process.stderr.write(`${name}, seed ${values.seed} ...\n`);
  const from = performance.now();
  const outcome = skipped === null ? await run(many, Number(values.seed)) : { skipped };
  const seconds = (performance.now() - from) / 1_000;
  rows.push({ experiment: name, tried: many, seconds, outcome });
}
process.stdout.write(tableOf(rows));
const hasFailed = rows.some(({ outcome }) => 'failed' in outcome && outcome.failed.length > 0);
process.exitCode = hasFailed ? 1 : 0;
