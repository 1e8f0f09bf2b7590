import type { NodeValue } from '../event/classify.ts';
import type { Stay } from './logins.ts';
import { compareTimes, staysOf } from './logins.ts';
import type { KnownMapping } from './mapping.ts';
import { asSaid } from './mapping.ts';

/** Whom an event belongs to: one of the users of its visitor's device. */
export interface Owner {
  identity: NodeValue[];
  /** Token of the event that said the last of it. */
  by: string;
  /** Of the mapping it is from. */
  revision: number;
}

/** An owner with the time since when. */
export type OwnerInTime = Owner & Pick<Stay, 'at' | 'from' | 'isMixed'>;

/** The users of a mapping one after the other; the same objects for the same mapping. */
export function ownersOf(mapping: KnownMapping): readonly OwnerInTime[] {
  let owners = cache.get(mapping);
  if (!owners) {
    owners = staysOf(asSaid(mapping)).map(stay => ({ ...stay, revision: mapping.revision }));
    cache.set(mapping, owners);
  }
  return owners;
}

/** The user who had logged in last when the event happened; before the first login, the first. */
export function ownerAt(mapping: KnownMapping, time: number, token: string): Owner | undefined {
  const owners = ownersOf(mapping);
  const event = { at: time, by: token };
  return owners.findLast(({ at, from }) => compareTimes({ at, by: from }, event) <= 0) ?? owners[0];
}

/** Who logged in last of all. */
export function lastOwner(mapping: KnownMapping): Owner | undefined {
  return ownersOf(mapping).at(-1);
}

/** Whether rows of the visitor may be another's than was known before: it had several users, or one written in several ways. */
export function isDisputed(mapping: KnownMapping): boolean {
  const [owner, ...others] = ownersOf(mapping);
  return owner !== undefined && (others.length > 0 || owner.isMixed);
}

const cache = new WeakMap<KnownMapping, readonly OwnerInTime[]>();
