import type { PackError } from '../../contract/errors.ts';
import { stringifyExact } from '../../contract/exact-json.ts';
import { toPackError } from '../core/envelope.ts';
import type { NodeValue } from './classify.ts';
import { classify } from './classify.ts';
import { eventKey } from './event-key.ts';
import { addUp, contradict } from './identity.ts';
import type { Item } from './job.ts';
import { visitorKey } from './keys.ts';
import type { Json } from './nodes.ts';
import type { ReadSettings } from './settings.ts';

/** What is asked of each event before anything is made of it, and where a refusal goes. */
export interface ItemChecks {
  /** Throws where the event is not to be taken. */
  check?(event: Json): void;
  refuse(index: number, error: PackError): void;
}

/** What each event is. Those that cannot be are told by `refuse`, and left out. */
export function toItems(
  events: readonly Json[],
  settings: ReadSettings,
  { check, refuse }: ItemChecks,
): Item[] {
  const items: Item[] = [];
  for (const [index, event] of events.entries()) {
    try {
      check?.(event);
      items.push(toItem(event, index, settings));
    } catch (error) {
      refuse(index, toPackError(error));
    }
  }
  return items;
}

function toItem(event: Json, index: number, settings: ReadSettings): Item {
  const json = stringifyExact(event);
  const what = classify(event, settings);
  const token = eventKey(event, json, settings);
  const visitor = 'anonymousId' in what ? { visitor: visitorKey(settings, what.anonymousId) } : {};
  return { index, event, json, what, token, ...visitor };
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

/** Anonymous events by the key they are remembered under. */
export function byKey(items: readonly Item[]): Map<string, Item[]> {
  const anonymous = items.filter(({ what }) => what.kind === 'anonymous');
  return Map.groupBy(anonymous, ({ visitor, token }) => `${visitor}.${token}`);
}
