import { PackError } from '../../contract/errors.ts';
import type { Authenticator } from '../../runtime/core/access.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';

/** The one key of {@link closedAccess}. */
export const TEST_KEY = 'a-key-of-the-test';

/** A server that takes {@link TEST_KEY}, for everything, and nothing else. */
export const closedAccess: Authenticator = {
  required: () => true,
  authenticate: header => {
    if (header === `Bearer ${TEST_KEY}`) return EVERYTHING;
    throw new PackError('UNAUTHENTICATED', 'Who are you?');
  },
  spend: () => undefined,
};
