import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import type { KvStore } from '../core/ports.ts';
import { textInLog } from '../core/state/admin-log.ts';
import { forgetInLog } from '../core/state/forget-in-log.ts';
import { namedBy } from './visitors.ts';

/** Who is forgotten, and the keys of their visitors. */
export interface Forgotten {
  bucket: string;
  namespace: string;
  destination: string | undefined;
  anonymousId: string | undefined;
  value: string | undefined;
  visitors: readonly string[];
}

const ACTIONS = ['identify-undo', 'identify-forget'];
const FIELDS = ['anonymous_id', 'value'];

/** Takes visitors or a user out of the log of administrative calls, where there is one; answers out of how many entries. */
export async function forgetInCalls(
  log: KvStore | undefined,
  call: Call,
  { bucket, namespace, destination, anonymousId, value, visitors }: Forgotten,
): Promise<number> {
  if (!log) return 0;
  const ids = new Set([anonymousId, ...visitors.map(key => namedBy(key).anonymousId)].map(plain));
  return await forgetInLog(log, call, {
    actions: ACTIONS,
    fields: FIELDS,
    isNamedIn: ({ bucket: of = EVENTS_BUCKET, input }) => {
      if (of !== bucket || (input.namespace ?? 'default') !== namespace) return false;
      const isElsewhere = destination !== undefined && (input.destination ?? destination) !== destination;
      if (isElsewhere) return false;
      return isOneOf(ids, input.anonymous_id) || isOneOf(new Set([plain(value)]), input.value);
    },
  });
}

function isOneOf(texts: ReadonlySet<string | undefined>, given: unknown): boolean {
  return typeof given === 'string' && texts.has(plain(given));
}

/** In whatever case and with whatever spaces around it: rather one entry too many than a name that stays. */
function plain(text: string | undefined): string | undefined {
  return text === undefined ? undefined : textInLog(text).trim().toLowerCase();
}
