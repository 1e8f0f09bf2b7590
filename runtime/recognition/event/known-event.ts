import type { AmendOutcome } from '../../core/destinations.ts';
import type { Listed } from '../remember/remember.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import type { Owner } from '../visitor/owner.ts';
import type { NodeValue } from './classify.ts';

/** A remembered event, and who it was from. */
export interface KnownEvent extends Listed {
  mapping: KnownMapping;
  /** Whom of the visitor's users it belongs to. */
  owner: Owner;
  /** Otherwise than the call says: an event that names its user is completed, never overwritten. */
  conflict?: 'fill' | undefined;
  /** Of the owner's identity what the event does not say in other letters. Missing: all of it. */
  adds?: NodeValue[] | undefined;
  /** Only the event's primary key was read. */
  keyOnly?: true;
  /** What was changed is written down with when the event happened. */
  isNoted?: boolean;
}

/** An event whose row was looked after. */
export interface Amended {
  row: KnownEvent;
  outcome: AmendOutcome;
}
