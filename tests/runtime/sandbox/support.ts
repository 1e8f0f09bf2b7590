import type { ScriptKv, ScriptKvEntry, ScriptKvWrite } from '../../../runtime/sandbox/ports.ts';
import { createSandbox, type Sandbox } from '../../../runtime/sandbox/sandbox.ts';
import type { RunRequest, RunResult, SandboxOptions } from '../../../runtime/sandbox/types.ts';
import { PATIENCE } from '../../support/patience.ts';

/** A store in memory with the same compare-and-set meaning as the real one, and a delay as a server would have. */
export function memoryStore(delayMs = 1) {
  const entries = new Map<string, ScriptKvEntry & { until: number }>();
  const counts = { gets: 0, commits: 0, conflicts: 0 };
  let revision = 0;
  const pause = () => new Promise(resolve => setTimeout(resolve, delayMs));
  const live = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.until > Date.now() ? entry : undefined;
  };
  const stale = (key: string, expected: number | undefined) =>
    expected !== undefined && (live(key)?.revision ?? 0) !== expected;
  const put = ({ key, json, ttlMs }: ScriptKvWrite): number => {
    if (json === null) entries.delete(key);
    else
      entries.set(key, {
        json,
        revision: ++revision,
        until: ttlMs > 0 ? Date.now() + ttlMs : Number.POSITIVE_INFINITY,
      });
    return revision;
  };
  const kv: ScriptKv = {
    id: `memory-${Math.random()}`,
    async get(key) {
      counts.gets++;
      await pause();
      return live(key);
    },
    async commit(writes, checks = []) {
      counts.commits++;
      await pause();
      const broken = [
        ...writes.filter(({ key, expected }) => stale(key, expected)),
        ...checks.filter(({ key, revision: seen }) => stale(key, seen)),
      ];
      if (broken.length > 0) {
        counts.conflicts++;
        return { ok: false, keys: broken.map(({ key }) => key) };
      }
      return { ok: true, revisions: new Map(writes.map(write => [write.key, put(write)])) };
    },
  };
  const read = (key: string): unknown => {
    const entry = live(key);
    return entry?.json === undefined ? undefined : JSON.parse(entry.json);
  };
  return {
    kv,
    counts,
    entries,
    read,
    put: (key: string, json: string) => put({ key, json, ttlMs: 0, expected: undefined }),
  };
}

/** A sandbox that ends with the block it is used in. */
export function openSandbox(options: SandboxOptions = {}): Sandbox & AsyncDisposable {
  // The other engine: KVFLOW_TEST_ENGINE=context npm test -- tests/runtime/sandbox
  const engine = process.env.KVFLOW_TEST_ENGINE === 'context' ? 'context' : 'vm2';
  const sandbox = createSandbox({ engine, ...options });
  return { ...sandbox, [Symbol.asyncDispose]: sandbox.close };
}

/**
 * Runs one script over one event or several, in a namespace of its own when none is named. An event has the second that it has
 * unasked, by the measure of a usual machine.
 */
export function runner(sandbox: Sandbox) {
  return (script: string, events: unknown[] = [{}], more: Partial<RunRequest> = {}): Promise<RunResult> =>
    sandbox.run({ script, events, namespace: 'test', timeoutMs: 1_000 * PATIENCE, ...more });
}

/** The single event a script made of `event`, or its error. */
export function single(result: RunResult): unknown {
  const [first] = result.results;
  return first?.error ?? first?.events[0];
}
