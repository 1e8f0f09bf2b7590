import { createHash } from 'node:crypto';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import type { StreamView } from './stream-view.ts';

/**
 * Where a bucket says that the options changed by which its values end: `<revision> <milliseconds since 1970>`, and `unmarked` where values
 * with a ttl of their own may be left that were written without the marker that a history needs. Our own entry of the stream's metadata.
 */
const CHANGED = 'kvflow.ends_changed';
const UNMARKED = 'unmarked';
const ID_LENGTH = 6;

type Views = { config: StreamConfig; origin: Pick<StreamView, 'config'> };

/**
 * The changed configuration of a stream, with a note where values end otherwise by it: what a watch that is away knows of their ends does
 * not hold any more, however often they are changed back.
 */
export function withEndsNote({ config, state, ts }: StreamInfo, changed: StreamConfig): StreamConfig {
  if (String(endsOptions(config)) === String(endsOptions(changed))) return changed;
  const isUnmarked = mayHaveUnmarked(config) || (config.allow_msg_ttl === true && keepsOne(config));
  const note = [state.last_seq, Date.parse(ts ?? '') || Date.now(), ...(isUnmarked ? [UNMARKED] : [])];
  return { ...changed, metadata: { ...changed.metadata, [CHANGED]: note.join(' ') } };
}

/** Whether a bucket with history may have values with a ttl of their own that leave nothing behind where they end. */
export function mayHaveUnmarked({ metadata }: StreamConfig): boolean {
  return metadata?.[CHANGED]?.endsWith(UNMARKED) === true;
}

/** By which options values end, of a bucket and of its origin; the same where they end alike. */
export function endsOptionsOf({ config, origin }: Views): string {
  return JSON.stringify([config, origin.config].map(each => [noteOf(each), ...endsOptions(each)]));
}

/** Six characters, others where the options changed by which values end; none where kvflow never changed them. */
export function endsOptionsId(views: Views): string {
  if (!noteOf(views.config) && !noteOf(views.origin.config)) return '';
  const sum = createHash('sha256').update(endsOptionsOf(views)).digest();
  return (sum.readUInt32BE() >>> 1).toString(36).padStart(ID_LENGTH, '0');
}

function noteOf({ metadata }: StreamConfig): string {
  return metadata?.[CHANGED] ?? '';
}

function endsOptions(config: StreamConfig): (number | boolean)[] {
  const { max_age = 0, allow_msg_ttl = false, subject_delete_marker_ttl = 0 } = config;
  return [max_age, allow_msg_ttl, subject_delete_marker_ttl, keepsOne(config)];
}

function keepsOne({ max_msgs_per_subject }: StreamConfig): boolean {
  return max_msgs_per_subject === 1;
}
