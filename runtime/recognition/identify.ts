import { invalidField, PackError } from '../../contract/errors.ts';
import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import { TIMESTAMP_NODE, USER_AGENT_NODE } from '../../contract/recognition-defaults.ts';
import type { IdentifyInput, IdentifyOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import type { Destination } from '../core/destinations.ts';
import { nestsTooDeep } from '../core/json-depth.ts';
import { matchesAny } from '../core/principal.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import type { DestinationStats } from '../core/recognition-stats.ts';
import { MAX_ANSWERED } from './amended/answer.ts';
import { bury } from './dead-letters/bury.ts';
import type { Json } from './event.ts';
import type { Answering, CallParts, Failed, Item } from './job.ts';
import { keyTagOf } from './keys.ts';
import type { CallOutcome, CallWork } from './run.ts';
import { runCall } from './run.ts';
import type { ReadSettings, RecognitionDefaults } from './settings.ts';
import { readSettings } from './settings.ts';
import { onceMore } from './state.ts';
import { toItems } from './who/items.ts';

/** One call of identify. */
export const identify: Answering<'identify'> = async (parts, call, input, rights) => {
  const { include_events: isAnswered = true } = input;
  const { events, items, failed, settings, destination, at } = await openCall(parts, input, rights);
  count(parts.stats.of(settings.destination), items, events.length);
  parts.stats.of(settings.destination).failed += failed.length;
  if (destination) await bury({ ...parts, settings, at, by: 'refused' }, call, failed);
  const outcome = await attempt(parts, call, {
    settings,
    items,
    at,
    destination,
    mostAnswered: isAnswered ? MAX_ANSWERED : 0,
  });
  if (!isAnswered) outcome.leftOut = 0;
  const told = answer(events, items, { ...outcome, failed: [...failed, ...outcome.failed] });
  return isAnswered ? told : { ...told, events: [] };
};

/** A call with its settings and events; `failed` are those that cannot be looked at. */
export async function openCall(
  parts: CallParts,
  input: Omit<IdentifyInput, 'include_events'>,
  rights: RecognitionRights | undefined,
) {
  const events = eventsOf(input);
  const destination =
    input.destination === undefined ? undefined : await parts.destinations.open(input.destination);
  authorizeCallTable(input.table, destination, rights);
  const settings = settingsOf(input, parts.defaults, destination);
  const failed: Failed[] = [];
  const at = Date.now();
  const items = toItems(events, {
    settings,
    at,
    check: event => destination && authorizeEventTable(event, settings.table, { destination, rights }),
    refuse: (index, error) => {
      const event = events[index] ?? {};
      // What nobody could read back is no dead letter.
      failed.push({ index, error, ...(!nestsTooDeep(event) && { event }) });
    },
  });
  return { events, items, failed, settings, destination, at };
}

async function attempt(parts: CallParts, call: Call, work: CallWork): Promise<CallOutcome> {
  try {
    return await onceMore(parts.buckets, () => runCall(parts, call, work));
  } catch (error) {
    throw error instanceof PackError && error.code === 'TIMEOUT' ? outOfTime(error) : error;
  }
}

/** Whatever was written may be written again: nothing is unknown that matters. */
function outOfTime(cause: PackError): PackError {
  return new PackError(
    'UNAVAILABLE',
    `The call could not be finished: ${cause.message} Repeat it; what it has written down already is finished in any case, and repeating it does no harm.`,
    { cause },
  );
}

/** The events of a call. Throws INVALID_INPUT where there are none, or both kinds. */
function eventsOf({ event, events }: Pick<IdentifyInput, 'event' | 'events'>): Json[] {
  if (event !== undefined && events === undefined) return [event];
  if (events !== undefined && event === undefined) return events;
  const field = event === undefined ? '/event' : '/events';
  throw invalidField(field, 'give event, for one, or events; exactly one of both');
}

/** How a call recognizes users. Throws INVALID_INPUT where the destination's table or primary key is not known. */
function settingsOf(
  input: Omit<IdentifyInput, 'event' | 'events'>,
  defaults: RecognitionDefaults,
  destination: Destination | undefined,
): ReadSettings {
  const table = input.table ?? destination?.table;
  const primaryKeyFields = input.primary_key_fields ?? destination?.primaryKeyFields;
  if (!destination && input.include_events === false)
    throw invalidField('/include_events', 'needs a destination: without one the events are all there is');
  if (destination && table === undefined) throw missing('table', destination.name);
  if (destination && !primaryKeyFields?.length) throw missing('primary_key_fields', destination.name);
  return readSettings({
    ...(input.destination !== undefined && { destination: input.destination }),
    table: table ?? '',
    primaryKeyFields: primaryKeyFields ?? [],
    keyTag: keyTagOf(primaryKeyFields ?? [], destination ? destination.primaryKeyFields : primaryKeyFields),
    anonymousIdNode: input.anonymous_id_node ?? defaults.anonymousIdNode,
    identificationNodes: input.identification_nodes ?? defaults.identificationNodes,
    noIdentityValues: input.no_identity_values ?? defaults.noIdentityValues,
    userAgentNode: input.user_agent_node ?? defaults.userAgentNode ?? USER_AGENT_NODE,
    timestampNode: input.timestamp_node ?? defaults.timestampNode ?? TIMESTAMP_NODE,
    normalize: input.normalize ?? defaults.normalize,
    skipBots: input.skip_bots ?? true,
    load: input.load ?? true,
    conflict: input.conflict ?? 'fill',
    lookbackMinutes: input.lookback_minutes ?? defaults.lookbackMinutes,
    bucket: input.bucket ?? EVENTS_BUCKET,
    namespace: input.namespace ?? 'default',
  });
}

function missing(field: string, destination: string): PackError {
  return invalidField(
    `/${field}`,
    `${field} is needed: destination "${destination}" has none in kvflow.yaml. Give it there (destinations.${destination}.${field}) or with the call`,
  );
}

function count(stats: DestinationStats, items: readonly Item[], total: number): void {
  stats.total += total;
  for (const { what } of items) {
    if (what.kind === 'anonymous') stats.anonymous += 1;
    if (what.kind === 'identified') stats.identified += 1;
    if (what.kind === 'bot') stats.bots += 1;
  }
}

function answer(events: readonly Json[], items: readonly Item[], outcome: CallOutcome): IdentifyOutput {
  const kinds = (kind: string) => items.filter(({ what }) => what.kind === kind).length;
  return {
    loaded: outcome.loaded,
    remembered: outcome.remembered,
    recognized: outcome.recognized,
    amended: outcome.amended,
    skipped: { bots: kinds('bot'), no_anonymous_id: kinds('no_anonymous_id'), blocked: kinds('blocked') },
    events: asTheyStand(events, items, outcome),
    failed: outcome.failed.map(toFailed),
    ...(outcome.pending && { pending: toPending(outcome.pending) }),
    ...(outcome.leftOut > 0 && { events_left_out: outcome.leftOut }),
    ...(outcome.unfinished && { has_more: true }),
  };
}

/** Each event, and after one that named a visitor the earlier events of that visitor. */
function asTheyStand(events: readonly Json[], items: readonly Item[], { earlier }: CallOutcome): Json[] {
  const rest = new Map(earlier);
  const byIndex = new Map(items.map(item => [item.index, item]));
  const all: Json[] = [];
  for (const [index, event] of events.entries()) {
    const item = byIndex.get(index);
    all.push(item?.event ?? event);
    if (item?.what.kind !== 'identified') continue;
    all.push(...(rest.get(item.token) ?? []));
    rest.delete(item.token);
  }
  // Named by an event of another call that was handled at the same time.
  for (const others of rest.values()) all.push(...others);
  return all;
}

function toFailed({ index, error }: Failed): IdentifyOutput['failed'][number] {
  const { code, message, details } = error;
  return {
    ...(index !== undefined && { index }),
    code,
    message,
    ...(Object.keys(details).length > 0 && { details }),
  };
}

function toPending({
  events,
  error,
}: NonNullable<CallOutcome['pending']>): NonNullable<IdentifyOutput['pending']> {
  return {
    events,
    code: error.code,
    message: `${sentence(error.message)} The events are kept and are completed as soon as the destination answers; do not send them again.`,
  };
}

/** What a warehouse says ends as it likes. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Throws FORBIDDEN unless the caller may name the table: its destination lists it, or the caller's rights do. */
export function authorizeCallTable(
  table: string | undefined,
  destination: Destination | undefined,
  rights: RecognitionRights | undefined,
): void {
  if (table === undefined || !destination || isListed(destination, table)) return;
  rights?.table(table);
}

/**
 * Throws FORBIDDEN unless an event's JITSU_TABLE_NAME is the call's table or one that the destination lists: events often
 * come from browsers. Where it lists none beside its own, the caller's rights decide.
 */
export function authorizeEventTable(
  event: Json,
  table: string,
  { destination, rights }: { destination: Destination; rights: RecognitionRights | undefined },
): void {
  const named = event.JITSU_TABLE_NAME;
  if (typeof named !== 'string' || named === '' || named === table || isListed(destination, named)) return;
  if (!destination.otherTables) {
    rights?.table(named);
    return;
  }
  throw new PackError(
    'FORBIDDEN',
    `JITSU_TABLE_NAME is "${named}", which destination "${destination.name}" does not list; nothing was written for this event. Add it to destinations.${destination.name}.tables in kvflow.yaml, or name it as the call's table.`,
    { details: { table: named, destination: destination.name } },
  );
}

function isListed({ table, otherTables = [] }: Destination, name: string): boolean {
  return name === table || matchesAny(otherTables, name);
}
