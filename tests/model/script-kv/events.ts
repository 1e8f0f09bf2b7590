import type { Random } from '../../support/random.ts';

/** Each holds the ids of the events that appended to it. */
export const LISTS = ['a', 'b', 'c'];
/** Each counts the events that stepped it. */
export const COUNTERS = ['n', 'm'];
export const KEYS = [...LISTS, ...COUNTERS];

/** A step of an event; `append` reads and sets, `update` has `$kv` do both. */
export type Step = [op: 'read' | 'append' | 'update' | 'count' | 'incr' | 'wait', key: string];

/** An event of the script: its steps in their order, each key at most once. */
export interface ModelEvent {
  id: string;
  steps: Step[];
}

/** What an event says that it saw: a list before it, or how far a counter was. */
export interface Seen {
  id: string;
  seen: Record<string, string[] | number>;
}

/** Takes the steps of its event, and answers {@link Seen}. */
export const SCRIPT = `const seen = {};
for (const [op, key] of $.steps) {
  if (op === 'wait') await new Promise(done => setTimeout(done, 1));
  else if (op === 'count') seen[key] = (await $kv.get(key)) ?? 0;
  else if (op === 'incr') seen[key] = (await $kv.incr(key)) - 1;
  else if (op === 'update') await $kv.update(key, list => {
    seen[key] = [...(list ?? [])];
    return [...seen[key], $.id];
  });
  else {
    seen[key] = [...((await $kv.get(key)) ?? [])];
    if (op === 'append') await $kv.set(key, [...seen[key], $.id]);
  }
}
return { id: $.id, seen }`;

/** Some keys in any order, and now and then a wait for longer than needed. */
export function someSteps(random: Random): Step[] {
  const left = [...KEYS];
  const keys = Array.from(
    { length: 1 + random.below(3) },
    () => left.splice(random.below(left.length), 1)[0] ?? 'a',
  );
  return keys.flatMap((key): Step[] => {
    const ops = COUNTERS.includes(key)
      ? (['count', 'incr', 'incr'] as const)
      : (['read', 'read', 'append', 'update'] as const);
    const step: Step = [random.pick<Step[0]>(ops), key];
    return random.chance(0.2) ? [['wait', ''], step] : [step];
  });
}

/** The keys that an event writes. */
export function written({ steps }: ModelEvent, of: readonly string[]): string[] {
  return steps.flatMap(([op, key]) =>
    ['append', 'update', 'incr'].includes(op) && of.includes(key) ? [key] : [],
  );
}
