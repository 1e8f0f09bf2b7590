/** Who an event says its visitor is. */

import { isbot } from 'isbot';
import { invalidField } from '../../../contract/errors.ts';
import { isToldApart, withBigints, withExactNumbers } from '../../../contract/exact-json.ts';
import type { IdentityValue } from '../../core/destinations.ts';
import type { EventNode, Json } from '../event.ts';
import {
  fieldsOf,
  firstValue,
  isObject,
  isText,
  parseNode,
  placeFor,
  valueAt,
  withoutValue,
  withValue,
} from '../event.ts';
import type { Match, ReadSettings } from '../settings.ts';
import { isNobody, normalized, usualMatch } from '../settings.ts';

/** One value of an identity, by the node it belongs to. */
export interface NodeValue {
  /** The node as the settings have it. */
  node: string;
  value: string | number;
  /** Which of the node's alternatives it stood at; missing: the first. */
  place?: number;
  /** How its texts are compared, where the settings say it otherwise than is usual for the node. */
  match?: Match;
}

/** What an event is to recognition. */
export type Classified =
  /** Loaded, and nothing else: made by a robot, without an anonymous id, or with one that names nobody. */
  | { kind: 'bot' | 'no_anonymous_id' | 'blocked' }
  /** Says nothing of who the visitor is. */
  | { kind: 'anonymous'; anonymousId: string }
  | { kind: 'identified'; anonymousId: string; identity: NodeValue[] };

/** What is longer is no id but a mistake, and the mappings would grow with it. */
const MAX_CHARACTERS = 5_000;

/** Tells what an event is. Throws INVALID_INPUT for an id that cannot be one. */
export function classify(given: Json, settings: ReadSettings): Classified {
  // One that was remembered is read from its text like one that has just come: an id of more digits than a number has is another.
  const event = withBigints(given);
  if (settings.skipBots && firstValue(event, settings.userAgent, isRobot)) return { kind: 'bot' };
  const anonymousId = firstValue(event, settings.anonymousId, asId);
  if (anonymousId === undefined) return { kind: 'no_anonymous_id' };
  const id = String(anonymousId);
  check(id, settings.anonymousId.text);
  // It would make one visitor of all who have no id.
  if (isNobody(id, settings.noIdentity)) return { kind: 'blocked' };
  const identity = identityOf(event, settings);
  return identity.length === 0
    ? { kind: 'anonymous', anonymousId: id }
    : { kind: 'identified', anonymousId: id, identity };
}

function identityOf(event: Json, { identification, noIdentity, matches }: ReadSettings): NodeValue[] {
  const identity: NodeValue[] = [];
  for (const node of identification) {
    const place = node.alternatives.findIndex(path => {
      const id = asId(valueAt(event, path));
      return id !== undefined && !isNobody(String(id), noIdentity);
    });
    const value = asId(valueAt(event, node.alternatives[place] ?? []));
    if (value === undefined) {
      refuseObject(event, node);
      continue;
    }
    check(String(value), node.text);
    const match = matches.get(node.text);
    identity.push({ node: node.text, value, ...(place > 0 && { place }), ...(match && { match }) });
  }
  return identity;
}

function isRobot(userAgent: unknown): true | undefined {
  return typeof userAgent === 'string' && isbot(userAgent) ? true : undefined;
}

function asId(value: unknown): string | number | undefined {
  // As it was sent: as a number it would be another.
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
    ? value
    : undefined;
}

/** A node of many values would make each of them a part of who the user is: which of them do is for the settings to say. */
function refuseObject(event: Json, node: EventNode): void {
  for (const path of node.alternatives) {
    const found = valueAt(event, path);
    const [key] = isObject(found) ? Object.keys(found) : [];
    if (key === undefined) continue;
    const pointer = `/${path.join('/')}`;
    throw invalidField(
      pointer,
      `${pointer} holds an object, and an identity is one text or number: name the value in it, such as ${pointer}/${key}, in identification_nodes`,
    );
  }
}

function check(id: string, node: string): void {
  if (id.length > MAX_CHARACTERS)
    throw invalidField(
      node,
      `the id at ${node} has ${id.length} characters; at most ${MAX_CHARACTERS} can be one`,
    );
  if (!id.isWellFormed())
    throw invalidField(
      node,
      `the id at ${node} holds half a surrogate pair, which is no text; repair it or leave it out`,
    );
}

/** Whether a stored value is one. */
export function isNodeValue(value: unknown): value is NodeValue {
  const { node, value: said } = fieldsOf(value);
  // An integer beyond 2^53 is read as an object that keeps its digits.
  return isText(node) && said !== undefined && said !== null;
}

/** What two identities of one visitor make: they add up, or where they contradict, the newer one stands alone. */
export function addUp(known: readonly NodeValue[], newer: readonly NodeValue[]): NodeValue[] {
  if (contradict(known, newer)) return [...newer];
  const nodes = new Set(newer.map(({ node }) => node));
  return [...known.filter(({ node }) => !nodes.has(node)), ...newer];
}

/** Whether one node has two values. */
export function contradict(a: readonly NodeValue[], b: readonly NodeValue[]): boolean {
  return b.some(one => a.some(other => other.node === one.node && !same(other, one)));
}

/** Whether `known` says everything that `other` says. */
export function covers(known: readonly NodeValue[], other: readonly NodeValue[]): boolean {
  return other.every(one => known.some(it => it.node === one.node && same(it, one)));
}

/** Whether every node has its value: nothing can be added any more. */
export function isComplete(identity: readonly NodeValue[], nodes: readonly EventNode[]): boolean {
  return nodes.every(({ text }) => identity.some(({ node }) => node === text));
}

/** Where in this event the identity belongs: the same list for all events where there is but one place for each value. */
export function placed(event: Json, identity: readonly NodeValue[]): readonly IdentityValue[] {
  const shared = places.get(identity);
  if (shared) return shared;
  const all = identity.map(({ node, value, place }) => ({ path: placeFor(event, read(node), place), value }));
  if (identity.every(({ node }) => read(node).alternatives.length === 1)) places.set(identity, all);
  return all;
}

const places = new WeakMap<readonly NodeValue[], readonly IdentityValue[]>();

/** The event with the identity put in, to be answered: what else it holds keeps every digit. */
export function withIdentity(event: Json, identity: readonly NodeValue[]): Json {
  const exact: Json = withExactNumbers(event);
  return placed(event, identity).reduce((whole, { path, value }) => withValue(whole, path, value), exact);
}

/** 7 and "7" are one id: events come from many hands. What else is the same the node's normalization says. */
export function same(one: NodeValue, other: Pick<NodeValue, 'value' | 'match'>): boolean {
  const [a, b] = [String(one.value), String(other.value)];
  if (a === b) return true;
  const match = other.match ?? one.match ?? usualMatch(one.node);
  return normalized(a, match) === normalized(b, match);
}

const nodes = new Map<string, EventNode>();
const MAX_NODES = 1_000;

function read(text: string): EventNode {
  let node = nodes.get(text);
  if (!node) {
    if (nodes.size >= MAX_NODES) nodes.clear();
    node = parseNode(text);
    nodes.set(text, node);
  }
  return node;
}

/**
 * The event as a row holds it: where its identity is to be, a value that names nobody (an empty text, `null`, zero, a
 * boolean, a list) is nothing, so that the column is empty until the user is known. An object there is no value of the
 * column: its own values have columns of their own.
 */
export function toStore(event: Json, { identification, noIdentity }: ReadSettings): Json {
  let stored = event;
  for (const { alternatives } of identification)
    for (const path of alternatives)
      if (isNothing(valueAt(stored, path), noIdentity))
        stored = withoutValue(stored === event ? withBigints(event) : stored, path);
  return stored === event ? event : isToldApart(stored);
}

function isNothing(value: unknown, noIdentity: ReadonlySet<string>): boolean {
  if (value === undefined || typeof value === 'bigint') return false;
  if (typeof value === 'string' || typeof value === 'number') return isNobody(String(value), noIdentity);
  return !isObject(value) || Object.keys(value).length === 0;
}
