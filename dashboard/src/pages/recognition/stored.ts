/** What recognition keeps, as its buckets have it. */

import { type Decoded, decodeEventToken, decodeToken } from '../../../../contract/recognition-token.ts';
import type { FoundItem } from '../../api/newest-items.ts';
import { bytesOf, type StoredText } from '../../lib/bytes.ts';

/** A visitor, as one destination knows it. */
export interface Visitor {
  namespace: string;
  /** Empty: calls without a destination. */
  destination: string;
  anonymousId: Decoded;
  /** Of the anonymous id, in keys. */
  token: string;
}

/** One value of an identity, and where in events it stands. */
export interface NodeValue {
  node: string;
  value: string | number;
}

/** Who a visitor is. */
export interface Identity extends Visitor {
  sequence: number;
  /** Empty: undone, anonymous again. */
  values: NodeValue[];
  /** Event that said the last of it. */
  by: string;
  at: string;
  expiresAt: string | undefined;
}

/** An anonymous event that waits for its visitor to be named. */
export interface RememberedEvent extends Visitor {
  sequence: number;
  name: string;
  event: unknown;
  table: string;
  /** Without a destination: who it was answered as. */
  recognizedAs: NodeValue[] | undefined;
  at: string;
  expiresAt: string | undefined;
}

type Json = Record<string, unknown>;

/** A mapping of the bucket; undefined where it is none. */
export async function readIdentity(item: FoundItem): Promise<Identity | undefined> {
  const visitor = visitorOf(item.key.split('.'));
  const json = await jsonOf(item.stored);
  if (!visitor || !json) return undefined;
  return {
    ...visitor,
    sequence: item.sequence,
    values: nodeValues(json.identity),
    by: eventName(text(json.by)),
    at: typeof json.at === 'number' ? new Date(json.at).toISOString() : item.created_at,
    expiresAt: item.expires_at,
  };
}

/** A remembered event of the bucket; undefined where it is none. */
export async function readRemembered(item: FoundItem): Promise<RememberedEvent | undefined> {
  const parts = item.key.split('.');
  const visitor = visitorOf(parts);
  if (!visitor) return undefined;
  const json = await jsonOf(item.stored);
  const recognized = asJson(json?.recognized);
  return {
    ...visitor,
    sequence: item.sequence,
    name: eventName(parts[3] ?? ''),
    event: json?.event,
    table: text(json?.table),
    recognizedAs: recognized && nodeValues(recognized.identity),
    at: item.created_at,
    expiresAt: item.expires_at,
  };
}

/** The first three parts of a key: namespace, destination, anonymous id. */
export function visitorOf([namespace, destination, token]: readonly string[]): Visitor | undefined {
  if (namespace === undefined || destination === undefined || token === undefined) return undefined;
  return {
    namespace: decodeToken(namespace).text,
    destination: decodeToken(destination).text,
    anonymousId: decodeToken(token),
    token,
  };
}

/** An event for people: `events / event3`. */
export function eventName(token: string): string {
  const event = decodeEventToken(token);
  if (event) return [event.table, ...event.key].filter(part => part !== '').join(' / ');
  return token === '' ? '' : `event ${token.slice(2, 14)}`;
}

/** JSON that recognition stored, compressed where it was too large; undefined where it is no object. */
export async function jsonOf(stored: StoredText | undefined): Promise<Json | undefined> {
  if (!stored) return undefined;
  try {
    return asJson(JSON.parse(stored.value.startsWith('{') ? stored.value : await inflate(bytesOf(stored))));
  } catch {
    return undefined;
  }
}

async function inflate(bytes: Uint8Array): Promise<string> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return await new Response(source.pipeThrough(new DecompressionStream('deflate-raw'))).text();
}

/** Values of an identity. */
export function nodeValues(values: unknown): NodeValue[] {
  if (!Array.isArray(values)) return [];
  return values.flatMap(one => {
    const { node, value } = asJson(one) ?? {};
    if (typeof node !== 'string' || (typeof value !== 'string' && typeof value !== 'number')) return [];
    return [{ node, value }];
  });
}

/** A value as an object. */
export function asJson(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** A value as text; empty where it is none. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
