import { getHeapStatistics } from 'node:v8';
import { PackError } from '../../../contract/errors.ts';

/** Lets calls in as long as who makes them has not too many under way. */
export interface Admission {
  /**
   * Counts a call with so many characters of events; answers what ends it. Throws RATE_LIMITED with `retry_after_ms`.
   */
  enter(tenant: string, chars: number): () => void;
}

/** What one tenant, and all together, may have under way. */
export interface AdmissionLimits {
  callsPerTenant: number;
  charsPerTenant: number;
  chars: number;
}

const RETRY_AFTER_MS = 1000;
const LONGEST_NAME = 100;

/** A thousand calls and an eighth of the heap for one, a quarter for all. */
export function createAdmission(limits: AdmissionLimits = usualLimits()): Admission {
  const tenants = new Map<string, { calls: number; chars: number }>();
  let all = 0;
  return {
    enter(tenant, chars) {
      const own = tenants.get(tenant) ?? { calls: 0, chars: 0 };
      // One call alone is let in whatever its size: who sent it was allowed to.
      if (own.calls >= limits.callsPerTenant || (own.calls > 0 && own.chars + chars > limits.charsPerTenant))
        throw refused(`"${tenant.slice(0, LONGEST_NAME)}" has ${own.calls} calls under way`);
      if (all > 0 && all + chars > limits.chars) throw refused('There are too many events under way');
      tenants.set(tenant, own);
      own.calls++;
      own.chars += chars;
      all += chars;
      return () => {
        own.chars -= chars;
        all -= chars;
        if (--own.calls === 0) tenants.delete(tenant);
      };
    },
  };
}

function usualLimits(): AdmissionLimits {
  const heap = getHeapStatistics().heap_size_limit;
  return { callsPerTenant: 1000, charsPerTenant: heap / 8, chars: heap / 4 };
}

function refused(why: string): PackError {
  return new PackError(
    'RATE_LIMITED',
    `transform: ${why}; wait for some to end, or try again a little later.`,
    {
      details: { retry_after_ms: RETRY_AFTER_MS },
    },
  );
}
