/** Outlives the test files of a process, which load what lies below tests/ anew each. */
const KEPT = Symbol.for('kvflow.tests');
const shared = globalThis as { [KEPT]?: Map<string, unknown> };
const kept = shared[KEPT] ?? new Map<string, unknown>();
shared[KEPT] = kept;

/** What no test changes and takes long to make: made once in a process, for all its test files. */
export function forProcess<T>(name: string, make: () => T): T {
  if (!kept.has(name)) kept.set(name, make());
  return kept.get(name) as T;
}
