import { expect } from '@jest/globals';
import type { ModelEvent, Seen } from './events.ts';
import { COUNTERS, LISTS, written } from './events.ts';

/** What there is to judge: all events, what those whose call was answered saw, and how the keys ended. */
export interface History {
  events: ModelEvent[];
  seen: Seen[];
  lists: Map<string, string[]>;
  counters: Map<string, number>;
}

/**
 * Fails unless some order of all events explains what was seen and how it ended. An event whose call ended with its process
 * was stored whole or not at all.
 */
export function expectAnOrder(history: History): void {
  const { events, seen, lists, counters } = history;
  const answered = new Set(seen.map(({ id }) => id));
  const stored = new Set([...lists.values()].flat());
  const unsure: ModelEvent[] = [];
  for (const event of events) {
    const keys = written(event, LISTS);
    const counts = LISTS.map(key => [
      event.id,
      key,
      (lists.get(key) ?? []).filter(id => id === event.id).length,
    ]);
    const isStored = answered.has(event.id) || stored.has(event.id);
    expect(counts).toEqual(LISTS.map(key => [event.id, key, isStored && keys.includes(key) ? 1 : 0]));
    if (!isStored && keys.length === 0) unsure.push(event);
  }
  const sure = events.filter(({ id }) => answered.has(id) || stored.has(id));
  for (const key of COUNTERS) {
    const stepped = (some: ModelEvent[]) => some.filter(event => written(event, [key]).length > 0).length;
    expect(counters.get(key)).toBeGreaterThanOrEqual(stepped(sure));
    expect(counters.get(key)).toBeLessThanOrEqual(stepped(sure) + stepped(unsure));
  }
  const cycle = cycleIn(precedence(history, ordersOf(history)));
  expect(
    cycle?.map(id => [events.find(one => one.id === id), seen.find(one => one.id === id)]),
  ).toBeUndefined();
}

/** Who wrote each key, in order; undefined where a call whose answer is lost did. */
function ordersOf({ events, seen, lists, counters }: History): Map<string, (string | undefined)[]> {
  const orders = new Map<string, (string | undefined)[]>(lists);
  const steps = new Map(events.map(event => [event.id, written(event, COUNTERS)]));
  for (const key of COUNTERS) {
    const order = new Array<string | undefined>(counters.get(key) ?? 0).fill(undefined);
    for (const { id, seen: saw } of seen) {
      if (!steps.get(id)?.includes(key)) continue;
      const at = saw[key] as number;
      expect([key, at, order[at]]).toEqual([key, at, undefined]);
      order[at] = id;
    }
    expect(order.length).toBe(counters.get(key) ?? 0);
    orders.set(key, order);
  }
  return orders;
}

/** Who has to come before whom. */
function precedence(
  { events, seen }: History,
  orders: Map<string, (string | undefined)[]>,
): Map<string, Set<string>> {
  const before = new Map(events.map(({ id }) => [id, new Set<string>()]));
  for (const { id, seen: saw } of seen) {
    for (const [key, what] of Object.entries(saw)) {
      const order = orders.get(key) ?? [];
      const length = typeof what === 'number' ? what : what.length;
      if (typeof what !== 'number') expect([id, key, what]).toEqual([id, key, order.slice(0, length)]);
      expect(length).toBeLessThanOrEqual(order.length);
      const writer = order[length - 1];
      if (writer !== undefined) before.get(writer)?.add(id);
      const next = order[length];
      if (next !== undefined && next !== id) before.get(id)?.add(next);
    }
  }
  for (const order of orders.values())
    for (const [at, id] of order.entries()) {
      const next = order[at + 1];
      if (id !== undefined && next !== undefined) before.get(id)?.add(next);
    }
  return before;
}

function cycleIn(before: Map<string, Set<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    path.push(id);
    for (const next of before.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of before.keys()) {
    const cycle = visit(id);
    if (cycle) return cycle;
  }
  return undefined;
}
