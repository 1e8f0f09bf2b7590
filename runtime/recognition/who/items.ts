import type { PackError } from '../../../contract/errors.ts';
import { invalidField } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { toPackError } from '../../core/envelope.ts';
import { isTooDeep, nestsTooDeep, TOO_DEEP } from '../../core/json-depth.ts';
import type { Json } from '../event.ts';
import { eventTime } from '../event.ts';
import type { Item, JobContext, OwnEvents } from '../job.ts';
import { eventKey, visitorKey } from '../keys.ts';
import type { Place } from '../remember.ts';
import type { ReadSettings } from '../settings.ts';
import type { NodeValue } from './identity.ts';
import { addUp, classify, contradict, isComplete } from './identity.ts';

/** How events are looked at. */
interface ItemOptions {
  settings: ReadSettings;
  /** When they arrived, in milliseconds since 1970. Of those that do not say when they happened the order in the call decides. */
  at: number;
  /** Place of the first in its call. */
  first?: number | undefined;
  /** Throws where the event is not to be taken. */
  check?(event: Json): void;
  refuse(index: number, error: PackError): void;
}

/** What each event is. Those that cannot be are told by `refuse`, and left out. */
export function toItems(events: readonly Json[], options: ItemOptions): Item[] {
  const { settings, at, first = 0, check, refuse } = options;
  const items: Item[] = [];
  for (const [index, event] of events.entries()) {
    try {
      check?.(event);
      items.push(toItem(event, index, { settings, at: at + (first + index) / 1_000 }));
    } catch (error) {
      refuse(index, toPackError(error));
    }
  }
  return items;
}

function toItem(event: Json, index: number, { settings, at }: Pick<ItemOptions, 'settings' | 'at'>): Item {
  const json = jsonOf(event);
  const what = classify(event, settings);
  const token = eventKey(event, json, settings);
  const visitor = 'anonymousId' in what ? { visitor: visitorKey(settings, what.anonymousId) } : {};
  const said = eventTime(event, settings.timestamp, at);
  return { index, event, json, what, token, time: said ?? at, isTimed: said !== undefined, ...visitor };
}

/** Transports refuse what nests too deeply; of a call inside a process the event is refused, and no other. */
function jsonOf(event: Json): string {
  try {
    const json = stringifyExact(event);
    if (!isTooDeep(json)) return json;
  } catch (error) {
    if (!nestsTooDeep(event)) throw error;
  }
  throw invalidField('', `The event ${TOO_DEEP}.`);
}

/**
 * Cuts where one visitor is named differently than before in the same call (a shared device): what came before belongs
 * to whom was named before.
 */
export function cutAtContradictions(items: readonly Item[]): Item[][] {
  const segments: Item[][] = [];
  let named = new Map<string, NodeValue[]>();
  let current: Item[] = [];
  for (const item of items) {
    if (item.what.kind === 'identified') {
      const known = named.get(item.visitor ?? '') ?? [];
      if (contradict(known, item.what.identity)) {
        segments.push(current);
        current = [];
        named = new Map();
      }
      named.set(item.visitor ?? '', addUp(named.get(item.visitor ?? '') ?? [], item.what.identity));
    }
    current.push(item);
  }
  segments.push(current);
  return segments.filter(segment => segment.length > 0);
}

/** The events of a job that may be remembered, made when they are asked for first. */
export function ownEvents(items: readonly Item[]): () => OwnEvents {
  let made: OwnEvents | undefined;
  return () => {
    made ??= toOwnEvents(items);
    return made;
  };
}

function toOwnEvents(items: readonly Item[]): OwnEvents {
  const remembered = items.filter(({ what }) => what.kind === 'anonymous' || what.kind === 'identified');
  const visitors = Map.groupBy(remembered, ({ visitor = '' }) => visitor);
  return new Map([...visitors].map(([visitor, own]) => [visitor, Map.groupBy(own, ({ token }) => token)]));
}

/** Fewer than this are compared one by one: a text is looked up in a map only after the engine has made it one of its names. */
const FEW = 8;

/** The job's own events that stand behind a remembered one. */
export function ownOf(
  { own }: Pick<JobContext, 'own'>,
  { visitor, token }: Pick<Place, 'visitor' | 'token'>,
): Item[] | undefined {
  const events = own().get(visitor);
  if (!events || events.size >= FEW) return events?.get(token);
  for (const [one, items] of events) if (one === token) return items;
  return undefined;
}

/** Whether an event names its user, but not by everything that there is to know. */
export function isPartial({ what }: Item, { identification }: ReadSettings): boolean {
  return what.kind === 'identified' && !isComplete(what.identity, identification);
}

/** Whether every node has but one place, and there what is a part of who the user is: nothing of the event names nobody. */
export function namesAll({ what }: Item, { identification }: ReadSettings): boolean {
  if (what.kind !== 'identified' || !isComplete(what.identity, identification)) return false;
  return identification.every(({ alternatives }) => alternatives.length === 1);
}
