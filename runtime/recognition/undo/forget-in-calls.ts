import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { AdminAction } from '../../core/state/admin-log.ts';
import { textInLog } from '../../core/state/admin-log.ts';
import { forgetInLog } from '../../core/state/forget-in-log.ts';
import { encodeToken } from '../event/tokens.ts';
import { namedBy } from '../visitor/visitors.ts';

/** Who is forgotten, and the keys of their visitors. */
export interface Forgotten {
  bucket: string;
  namespace: string;
  destination: string | undefined;
  anonymousId: string | undefined;
  value: string | undefined;
  visitors: readonly string[];
}

/** Purging by pattern is recorded with its filter, in which a visitor is a token. */
const PURGE = 'kv-key-purge';
const ACTIONS = ['identify-undo', 'identify-forget', PURGE];
const FIELDS = ['anonymous_id', 'value', 'filter', 'query'];

/** Takes visitors or a user out of the log of administrative calls, where there is one; answers out of how many entries. */
export async function forgetInCalls(log: KvStore | undefined, call: Call, who: Forgotten): Promise<number> {
  if (!log) return 0;
  const { anonymousId, visitors } = who;
  const ids = [anonymousId, ...visitors.map(key => namedBy(key).anonymousId)].filter(id => id !== undefined);
  const names = { ids: new Set(ids.map(plain)), tokens: new Set(ids.map(encodeToken)) };
  return await forgetInLog(log, call, {
    actions: ACTIONS,
    fields: FIELDS,
    isNamedIn: entry =>
      entry.action === PURGE ? isPurged(entry, who, names.tokens) : isAsked(entry, who, names.ids),
  });
}

function isPurged({ bucket, input }: AdminAction, who: Forgotten, tokens: ReadonlySet<string>): boolean {
  if (bucket !== who.bucket && bucket !== AUDIT_BUCKET) return false;
  return String(input.filter ?? '')
    .split('.')
    .some(token => tokens.has(token));
}

function isAsked(
  { bucket = EVENTS_BUCKET, input }: AdminAction,
  who: Forgotten,
  ids: ReadonlySet<string>,
): boolean {
  if (bucket !== who.bucket || (input.namespace ?? 'default') !== who.namespace) return false;
  const isElsewhere =
    who.destination !== undefined && (input.destination ?? who.destination) !== who.destination;
  if (isElsewhere) return false;
  return isOneOf(ids, input.anonymous_id) || isOneOf(new Set([plain(who.value ?? '')]), input.value);
}

function isOneOf(texts: ReadonlySet<string>, given: unknown): boolean {
  return typeof given === 'string' && texts.has(plain(given));
}

/** In whatever case and with whatever spaces around it: rather one entry too many than a name that stays. */
function plain(text: string): string {
  return textInLog(text).trim().toLowerCase();
}
