/**
 * What `npm run test:memory` runs: every way of pressing a kvflow of a 512 MiB heap for memory, hard, and what it held, read
 * from the system. The short form is in tests/attack/memory.test.ts.
 */
import type { Pressed } from '../tests/attack/pressure.ts';
import { LARGE_KEYS, prepare, press, WAYS } from '../tests/attack/pressure.ts';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';

/** Stated in docs/security.md, in MiB. */
const MAX = 1_024;
/** Runs the ways whose names hold the first argument; the second is the length of a value that is read, up to NATS' 8 MB. */
const [only, valueBytes = '1000000'] = process.argv.slice(2);

await using place = await makePlace();
const server = await place.start({
  env: { NODE_OPTIONS: '--max-old-space-size=512', KVFLOW_LOG_LEVEL: 'warn' },
});
const pressure = {
  url: server.url,
  pid: server.child.pid ?? 0,
  atOnce: 40,
  streams: 2_000,
  lineBytes: 1024 * 1024 * 1024,
};
await prepare(pressure, LARGE_KEYS, Number(valueBytes));
const results: Pressed[] = [];
for (const way of Object.keys(WAYS)) {
  if (only !== undefined && !way.includes(only)) continue;
  const pressed = await press(way, pressure);
  console.log(`${String(pressed.peakMiB).padStart(5)} MiB  ${way}  ${JSON.stringify(pressed.statuses)}`);
  results.push(pressed);
  const alive = await fetch(`${server.url}/healthz`).then(
    answer => answer.status,
    () => 0,
  );
  if (alive !== 200) throw new Error(`kvflow did not live through: ${way}`);
}
const worst = Math.max(...results.map(({ peakMiB }) => peakMiB));
console.log(`At most ${worst} MiB; ${MAX} are stated.`);
if (worst > MAX) process.exitCode = 1;
