import { expect, test } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { createDurations } from '../../../runtime/server/durations.ts';

const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

test("durations - the histogram says what prom-client's would", async () => {
  const register = new Registry();
  const theirs = new Histogram({
    name: 'kvflow_invocation_duration_seconds',
    help: 'How long invocations took, by function.',
    labelNames: ['function'],
    buckets: BOUNDS,
    registers: [register],
  });
  const ours = createDurations();
  for (const seconds of [0, 0.0005, 0.00051, 0.003, 0.003, 1, 10, 11, 4000]) {
    for (const name of ['kv-key-put', 'kv-key-get']) {
      ours.observe(name, seconds);
      theirs.observe({ function: name }, seconds);
    }
  }
  expect(ours.text().trim()).toBe((await register.metrics()).trim());
});
