import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('transform - calls whose results are larger than the heap cost only themselves', async () => {
  const child = join(import.meta.dirname, 'bombs-child.ts');
  const args = ['--max-old-space-size=512', '--no-warnings', child];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  const { told, after } = JSON.parse(stdout) as { told: string[][]; after: unknown };
  const [objects, texts, lists, ...stores] = told;
  for (const limits of [objects, texts, lists])
    expect(limits).toEqual(
      expect.arrayContaining([expect.stringMatching(/call_result_bytes|result_bytes_in_all/)]),
    );
  for (const limits of stores) expect(limits).toEqual(['ok']);
  expect(after).toEqual([{ ok: true }]);
});
