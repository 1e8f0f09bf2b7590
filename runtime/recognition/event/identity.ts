import { withExactNumbers } from '../../../contract/exact-json.ts';
import type { IdentityValue } from '../../core/destinations.ts';
import type { NodeValue } from './classify.ts';
import { normalized, usualMatch } from './match.ts';
import type { EventNode, Json } from './nodes.ts';
import { parseNode, placeFor, withValue } from './nodes.ts';

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
