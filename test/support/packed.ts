/** What another thread makes of a value. */
import { registry } from '../../adapters/index.ts';
import { pack, unpack } from '../../src/loading/packed.ts';

/** Packs the value and unpacks it. */
export function handedOver<T>(value: T): T {
  const steps = unpack(structuredClone(pack(value, registry)), registry);
  for (let step = steps.next(); ; step = steps.next())
    if (step.done === true) return step.value as T;
}
