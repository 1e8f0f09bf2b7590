import type { Call } from '../../runtime/core/call.ts';
import { PATIENCE } from './patience.ts';

/** A call that has time enough for what is to work: so many milliseconds on a usual machine. */
export function soon(usualMs = 30_000): Call {
  return { deadline: Date.now() + usualMs * PATIENCE };
}
