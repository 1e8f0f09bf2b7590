import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../support/eventually.ts';
import { LARGE_KEYS, prepare, press } from './pressure.ts';

/** Of resident memory; of a process with a heap of 256 MiB. The hard form, with what docs state, is `npm run test:memory`. */
const MAX_MIB = 700;

// Resident memory is read from /proc, which only Linux has.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'memory - a kvflow with a small heap lives through what would fill it, and answers others meanwhile',
  async () => {
    await using place = await makePlace();
    const env = { NODE_OPTIONS: '--max-old-space-size=256', KVFLOW_LOG_LEVEL: 'warn' };
    const server = await place.start({ env });
    const pid = server.child.pid ?? 0;
    const pressure = { url: server.url, pid, atOnce: 4, streams: 20, lineBytes: 2 ** 26 };
    await prepare(pressure, LARGE_KEYS.slice(0, 12));
    for (const way of [
      'JSON of millions of empty objects',
      'single values',
      'an import line without an end',
      'streams that nobody reads',
      'two thousand idle streams',
    ]) {
      const { peakMiB, statuses } = await press(way, pressure);
      expect({ way, statuses, peakMiB: peakMiB < MAX_MIB || peakMiB }).toEqual({
        way,
        statuses,
        peakMiB: true,
      });
      // Those that the budget has room for are open, the others are told to come later.
      const { 200: open = 0, 429: later = 0 } = statuses;
      if (way === 'two thousand idle streams') expect(open + later).toBe(2_000);
      // NATS too may take a moment to come back to its breath.
      await eventually(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200));
    }
  },
  120_000,
);
