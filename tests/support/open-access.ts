import type { Authenticator } from '../../runtime/core/access.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';

/** Nobody needs a key. */
export const openAccess: Authenticator = {
  required: () => false,
  authenticate: () => EVERYTHING,
  spend: () => undefined,
};
