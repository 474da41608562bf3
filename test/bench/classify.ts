/** `node test/bench/classify.ts CONFIG RULES KIND`: how many alerts a second of one core meet their rule. */
import type { Alert } from '../../src/core/model/alert.ts';
import { preparing } from '../../src/core/routing/picking.ts';
import { classify } from '../../src/core/routing/route.ts';
import { loadFrom } from '../../src/loading/from-disk.ts';
import { labelsFor, type RuleKind } from './rules-file.ts';

const [file = '', rulesText = '', kind = 'usual'] = process.argv.slice(2);
const rules = Number(rulesText);
const read = loadFrom(file, { environment: process.env, sandbox: false, now: Date.now() });
if (!read.ok) throw new Error(read.problems.map((one) => one.message).join('\n'));
const { policy } = read.loaded;
for (const _ of preparing(policy));

function alertOf(number: number): Alert {
  return {
    kind: 'alert',
    dedupKey: `k${number}`,
    status: 'firing',
    title: `bench ${number}`,
    description: '',
    labels: labelsFor((number * 7919) % rules, kind as RuleKind),
    vendorSeverity: 'critical',
    startsAt: null,
    observedAt: null,
    links: [],
  };
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Classifies a thousand alerts and returns what that took, in ms. */
function thousand(from: number): number {
  const alerts = Array.from({ length: 1000 }, (_, i) => alertOf(from + i));
  const since = processorMs();
  for (const one of alerts) {
    const found = classify(one, 'prom', policy);
    if (found.verdict !== 'take' || found.routing.rule === null) throw new Error('no rule');
  }
  return processorMs() - since;
}

const SECOND = 1000;
let used = 0;
let done = 0;
// The first second is for the compiler.
for (let seconds = 0; seconds < 2; seconds += 1) {
  used = 0;
  done = 0;
  for (; used < SECOND; done += 1000) used += thousand(done);
}
process.stdout.write(`${((done / used) * SECOND).toFixed(0)}\n`);
