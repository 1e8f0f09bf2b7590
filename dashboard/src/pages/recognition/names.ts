import type { IdentifyEventName } from '../../../../contract/types.gen.ts';

/** Whose something is, as answers of identify have it. */
export interface NamedVisitor {
  anonymous_id?: string;
  /** In place of an id that is too long for a key. */
  anonymous_id_hash?: string;
  namespace: string;
  /** Missing: calls without a destination. */
  destination?: string;
}

/** An anonymous id for people; of a long one the beginning of its hash. */
export function shownId({ anonymous_id, anonymous_id_hash = '' }: Omit<NamedVisitor, 'namespace'>) {
  return anonymous_id === undefined
    ? { text: anonymous_id_hash.slice(0, 12), hashed: true }
    : { text: anonymous_id, hashed: false };
}

/** An event for people: `events / event3`; nothing where only a hash is left of it. */
export function eventName(event: IdentifyEventName | undefined): string {
  return event ? [event.table, ...event.key].filter(part => part !== '').join(' / ') : '';
}
