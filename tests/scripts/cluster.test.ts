/** The cluster for people to try things with: it works, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { endMarked, markedProcesses } from '../../scripts/marked-processes.ts';
import { calls } from '../support/calls.ts';
import { joinNats } from '../support/kvflow.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAME = 'KVFLOW_TEST_CLUSTER';
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'npm run cluster - keeps buckets on three servers, until it is interrupted',
  async () => {
    const mark = randomUUID();
    const env = { ...process.env, [NAME]: mark };
    const cluster = spawn(process.execPath, ['scripts/cluster.ts'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const servers = await urlsOf(cluster.stdout);
      expect(servers).toHaveLength(3);
      {
        await using kvflow = joinNats({ servers });
        const bucket = { bucket: 'b', num_replicas: 3 };
        expect(await kvflow.call('kv-bucket-create', bucket)).toMatchObject(bucket);
        const { revision } = await calls.put(kvflow, { bucket: 'b', key: 'k', value: 'x' });
        expect(await calls.get(kvflow, { bucket: 'b', key: 'k' })).toMatchObject({ value: 'x', revision });
      }
      const ended = once(cluster, 'exit');
      cluster.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(await markedProcesses(NAME, mark)).toEqual([]);
    } finally {
      await endMarked(NAME, mark, 5_000);
    }
  },
  60_000,
);

/** What it says that kvflow is to be told. */
async function urlsOf(stdout: NodeJS.ReadableStream): Promise<string[]> {
  for await (const line of createInterface({ input: stdout })) {
    const [, urls] = /NATS_URL=(\S+)/.exec(line) ?? [];
    if (urls) return urls.split(',');
  }
  throw new Error('It ended without a word.');
}
