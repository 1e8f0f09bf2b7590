import { createHash } from 'node:crypto';

/** Milliseconds that the work takes on a machine of two idle processors of 2024. */
const USUAL_MS = 40;
const MAX = 4;
/** Nobody waits before a screen for what a shared machine was too busy for. */
const OF_CI = 3;
const BLOCK = new Uint8Array(1 << 20);
const BLOCKS = 32;

/**
 * How many times as long as it says itself a test may take before it counts as failed: by how long this machine takes for
 * a piece of work just now, and three times that in CI. A test that passes takes no longer by it.
 */
export function patienceOf(env: NodeJS.ProcessEnv): number {
  const given = Number(env.KVFLOW_TEST_PATIENCE);
  if (given > 0) return given;
  const began = performance.now();
  const hash = createHash('sha256');
  for (let block = 0; block < BLOCKS; block++) hash.update(BLOCK);
  hash.digest();
  const slowness = Math.min(MAX, Math.max(1, (performance.now() - began) / USUAL_MS));
  return Math.ceil(env.CI === 'true' ? slowness * OF_CI : slowness);
}
