import type { FunctionSummary } from '../../api/functions.ts';

/** Functions that work on the same. */
export interface FunctionGroup {
  title: string;
  functions: FunctionSummary[];
}

const TITLES: [prefix: string, title: string][] = [
  ['kv-key-', 'Keys'],
  ['kv-bucket-', 'Buckets'],
  ['kv-', 'Account'],
];

/** Groups by what a function's name begins with, else by its category; keys first, as they are used most. */
export function groupFunctions(functions: readonly FunctionSummary[]): FunctionGroup[] {
  const groups = new Map<string, FunctionSummary[]>(TITLES.map(([, title]) => [title, []]));
  for (const fn of functions) {
    const title = titleOf(fn);
    groups.set(title, [...(groups.get(title) ?? []), fn]);
  }
  return [...groups]
    .filter(([, list]) => list.length > 0)
    .map(([title, list]) => ({ title, functions: list.sort((a, b) => a.name.localeCompare(b.name)) }));
}

/** Whether name, title or description have every word. */
export function mentions({ name, title, description }: FunctionSummary, search: string): boolean {
  const text = `${name}\n${title}\n${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function titleOf({ name, category }: FunctionSummary): string {
  const known = TITLES.find(([prefix]) => name.startsWith(prefix))?.[1];
  return known ?? category.charAt(0).toUpperCase() + category.slice(1);
}
