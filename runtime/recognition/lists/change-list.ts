import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyChangeListInput, IdentifyChangeListOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { newestLive } from '../../core/newest-live.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { unpack } from '../../core/state/pack.ts';
import { decodeAudit, isAudit } from '../amend/audit-format.ts';
import type { Parts } from '../parts.ts';
import { scopeTokens, shownTo, toChanges, toNamed } from '../visitor/visitors.ts';

const PAGE = 100;

type Listed = IdentifyChangeListOutput['changes'][number];

/** Lists rows that were amended, the last ones first. */
export async function listChanges(
  { kv }: Parts,
  call: Call,
  input: IdentifyChangeListInput,
  rights?: RecognitionRights,
): Promise<IdentifyChangeListOutput> {
  const { bucket = EVENTS_BUCKET, destination, limit = PAGE, cursor } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = scopeTokens(input);
  const filter = `${bucket}.${where.namespace}.${where.destination}.*.*.*`;
  const mayRead = shownTo(rights);
  const wants = mayRead && ((key: string) => mayRead(visitorIn(key)));
  const range = { bucket: AUDIT_BUCKET, filter, limit, cursor, wants, read: toAnswer };
  const { rows, ...more } = await newestLive(kv, call, range);
  return { changes: rows.flat(), ...more };
}

/** The key of an audit entry is `<bucket>.<visitor>.<event>.<any>`. */
function visitorIn(key: string): string {
  return key.split('.').slice(1, 4).join('.');
}

async function toAnswer({ key, value }: KvEntry): Promise<Listed[]> {
  const named = toNamed(visitorIn(key));
  const entry = await unpack(value, isAudit);
  return (entry ? toChanges(decodeAudit(entry)) : []).map(({ key: primary_key, by, at, ...change }) => ({
    ...named,
    ...change,
    primary_key,
    ...(by && { by }),
    at,
  }));
}
