import { NO_IDENTITY_VALUES, TIMESTAMP_NODE } from '../../contract/recognition-defaults.ts';
import type { AmendConflict } from '../core/destinations.ts';
import type { Match } from './event/match.ts';
import { readMatches } from './event/match.ts';
import { nobodyTexts } from './event/nobody.ts';
import type { EventNode } from './event/nodes.ts';
import { parseNode } from './event/nodes.ts';

/** How one call recognizes users. Kept with what a call leaves to be finished, so it is plain JSON. */
export interface JobSettings {
  /** Undefined: nothing is written to a warehouse, recognized events are answered. */
  destination?: string | undefined;
  table: string;
  primaryKeyFields: string[];
  /** In the keys of events, see `keyTagOf`. */
  keyTag: string;
  anonymousIdNode: string;
  identificationNodes: string[];
  userAgentNode: string;
  /** When events happened. Missing in what a build before wrote down. */
  timestampNode?: string | undefined;
  /** How texts of nodes are compared, `<node>=<match>` each. Missing: as is usual. */
  normalize?: string[] | undefined;
  skipBots: boolean;
  noIdentityValues: string[];
  load: boolean;
  conflict: AmendConflict;
  lookbackMinutes: number;
  bucket: string;
  namespace: string;
}

/** What a call that says nothing else goes by: kvflow.yaml's `users_recognition`. */
export interface RecognitionDefaults {
  anonymousIdNode: string;
  identificationNodes: string[];
  noIdentityValues: string[];
  /** Where the user agent is. Default: `USER_AGENT_NODE`. */
  userAgentNode?: string | undefined;
  /** When events happened. Default: `TIMESTAMP_NODE`. */
  timestampNode?: string | undefined;
  /** How texts of nodes are compared, `<node>=<match>` each. Default: emails whatever their case, all else letter by letter. */
  normalize?: string[] | undefined;
  lookbackMinutes: number;
  /** Milliseconds after which a call that left its work unfinished is taken over. */
  reconcileAfterMs: number;
}

/** What kvflow does without a configuration. */
export const RECOGNITION_DEFAULTS: RecognitionDefaults = {
  anonymousIdNode: '/user/anonymous_id',
  identificationNodes: ['/user/id', '/user/email'],
  noIdentityValues: NO_IDENTITY_VALUES,
  lookbackMinutes: 10_080,
  reconcileAfterMs: 10_000,
};

/** Settings with their nodes read and their values looked up fast. */
export interface ReadSettings extends JobSettings {
  anonymousId: EventNode;
  identification: EventNode[];
  userAgent: EventNode;
  timestamp: EventNode;
  /** Other than is usual, by node. */
  matches: ReadonlyMap<string, Match>;
  noIdentity: ReadonlySet<string>;
  /** What names nobody, as a list for the warehouse: a column of an identity that holds it is as good as empty. */
  empty: readonly string[];
}

/** Reads the nodes once for all events of a call. */
export function readSettings(settings: JobSettings): ReadSettings {
  const noIdentity = new Set(settings.noIdentityValues.map(value => value.trim().toLowerCase()));
  return {
    ...settings,
    anonymousId: parseNode(settings.anonymousIdNode),
    identification: settings.identificationNodes.map(parseNode),
    userAgent: parseNode(settings.userAgentNode),
    timestamp: parseNode(settings.timestampNode ?? TIMESTAMP_NODE),
    matches: readMatches(settings.normalize ?? []),
    noIdentity,
    empty: nobodyTexts(noIdentity),
  };
}

/** What of the settings is written down. */
export function jobSettings(settings: ReadSettings): JobSettings {
  const {
    anonymousId: _,
    identification: __,
    userAgent: ___,
    timestamp: ____,
    noIdentity: _____,
    matches: ______,
    empty: _______,
    ...plain
  } = settings;
  return plain;
}
