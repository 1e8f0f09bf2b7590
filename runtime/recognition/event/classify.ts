import { isbot } from 'isbot';
import { invalidField } from '../../../contract/errors.ts';
import type { ReadSettings } from '../settings.ts';
import { fieldsOf, isText } from '../state/shapes.ts';
import type { Match } from './match.ts';
import { isNobody } from './nobody.ts';
import type { EventNode, Json } from './nodes.ts';
import { firstValue, isObject, valueAt } from './nodes.ts';

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
export function classify(event: Json, settings: ReadSettings): Classified {
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
