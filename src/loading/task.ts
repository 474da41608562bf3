/** What the thread does that loads beside the server: it reads and checks the files and packs what came of it. */
import { registry } from '../../adapters/index.ts';
import { Secret } from '../contract/secret.ts';
import type { LoadTask, LoadedApart } from './beside.ts';
import { loadFrom } from './from-disk.ts';
import { pack } from './packed.ts';

/** Runs the task; nobody waits for this thread. */
export function runTask({ file, fragments, secretsByPath, ...options }: LoadTask): LoadedApart {
  const secrets = Object.entries(secretsByPath);
  const previous = {
    fragments,
    secretsByPath: Object.fromEntries(secrets.map(([path, value]) => [path, new Secret(value)])),
  };
  const result = loadFrom(file, { ...options, previous });
  if (!result.ok) return { result: pack(result, registry), policy: null };
  const { policy, ...loaded } = result.loaded;
  return { result: pack({ ...result, loaded }, registry), policy: pack(policy, registry) };
}
