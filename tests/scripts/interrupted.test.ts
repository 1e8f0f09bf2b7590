/** Ctrl-C of a test run leaves nothing behind, whatever it was in the middle of. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { endMarked, markedProcesses } from '../../scripts/marked-processes.ts';
import { eventually } from '../support/eventually.ts';
import { PATIENCE } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAME = 'KVFLOW_TEST_INTERRUPTED';
/** Nobody who has pressed Ctrl-C waits longer. */
const ENDS_WITHIN_MS = 5_000 * PATIENCE;
/** Two workers, and servers that come and go all the time. */
const FILES = ['tests/functions/outage.test.ts', 'tests/functions/replicas.test.ts'];
const onLinux = process.platform === 'linux' ? test : test.skip;

/** How many processes there are when it is interrupted: the script alone, jest, its workers, their servers. */
onLinux.each([1, 2, 4, 5, 7])(
  'npm test - interrupted with %i processes, none is left',
  async processes => {
    const mark = randomUUID();
    const env = { ...process.env, [NAME]: mark, CI: '' };
    const run = spawn(process.execPath, ['scripts/test.ts', ...FILES], { cwd: ROOT, env, stdio: 'ignore' });
    try {
      const ended = once(run, 'exit');
      await eventually(
        async () => expect((await markedProcesses(NAME, mark)).length).toBeGreaterThanOrEqual(processes),
        { within: 25_000 },
      );
      const asked = Date.now();
      run.kill('SIGINT');
      const [code, signal] = await ended;
      expect(Date.now() - asked).toBeLessThan(ENDS_WITHIN_MS);
      // Before it has read its own code, the signal ends it by itself.
      expect(signal ?? code).toBe(signal ? 'SIGINT' : 130);
      expect(await markedProcesses(NAME, mark)).toEqual([]);
    } finally {
      await endMarked(NAME, mark, 5_000);
    }
  },
  60_000,
);
