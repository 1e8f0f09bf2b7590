import { invalidField } from '../../contract/errors.ts';
import type { KvKeyWatchInput } from '../../contract/types.gen.ts';
import type { KvWatchRange } from './ports/watches.ts';
import { readWatchId } from './watch-id.ts';

/** What the input of kv-key-watch asks for; throws INVALID_INPUT where it says one thing twice, or an id is none. */
export function watchRange(input: KvKeyWatchInput): KvWatchRange {
  const { bucket, filter, filters, start = 'new', after, after_id } = input;
  if (filter !== undefined && filters) throw invalidField('/filters', 'give filter or filters, one of them');
  const place = after_id === undefined ? undefined : readWatchId(after_id);
  if (after_id !== undefined && after === undefined && !place) {
    throw invalidField('/after_id', 'is no id of an event; pass next_id of the call before');
  }
  return {
    bucket,
    filter: filters ?? filter ?? '>',
    start,
    namesUnreadable: true,
    ...(after === undefined ? place : { after }),
    ...(input.start === 'new' && { onlyNew: true }),
    ...(input.headers_only && { headersOnly: true }),
    ...(input.ignore_deletes && { ignoreDeletes: true }),
  };
}
