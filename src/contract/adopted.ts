/** The address of an object of the vendor's own that was only taken over: one shape for the core and every adapter. */
import { z } from 'zod';
import type { AdoptedAddress } from '../core/model/policy.ts';

const adopted: z.ZodType<AdoptedAddress> = z.strictObject({ adopted: z.string().min(1) });

/** The vendor's id of an object that was taken over; null: the address is one that we ring ourselves. */
export function adoptedRef(address: unknown): string | null {
  const read = adopted.safeParse(address);
  return read.success ? read.data.adopted : null;
}
