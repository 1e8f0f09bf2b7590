import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';

const onLinux = process.platform === 'linux' ? test : test.skip; // Elsewhere a process's environment cannot be read.

onLinux(
  'nats-server has none of our secrets in its environment',
  async () => {
    await using place = await makePlace();
    const server = await place.start({ env: { KVFLOW_API_KEYS: 'kvf_secret_of_the_test_0001' } });
    const environment = await readFile(`/proc/${server.natsPid}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain('kvf_secret');
  },
  30_000,
);
