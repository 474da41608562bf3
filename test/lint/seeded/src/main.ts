// seeded: nothing
import { load } from './lib/clean.ts';
import { used } from './lib/unused-export.ts';

await load(used);
