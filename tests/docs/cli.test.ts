import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MAIN } from '../runtime/transports/cli/kvflow-process.ts';
import { startServed } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';

const PAGE = join(import.meta.dirname, '../../docs/cli.md');
const PROMPT = '    $ ';

test('docs/cli.md - its transcripts, run as written, print what they show', async () => {
  await using kvflow = await startServed();
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'kvflow'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(join(folder.path, 'kvflow'), 0o755);
  const env = {
    ...process.env,
    PATH: `${folder.path}${delimiter}${process.env.PATH}`,
    KVFLOW_URL: kvflow.url,
    TZ: 'UTC',
  };
  const page = await readFile(PAGE, 'utf8');
  await run(/`(kvflow invoke kv-bucket-create .*?)`/.exec(page)?.[1] ?? 'false', env);
  const steps = transcript(page);
  expect(steps.length).toBeGreaterThan(5);
  for (const { command, printed } of steps) {
    expect({ command, printed: masked(await run(command, env)) }).toEqual({
      command,
      printed: masked(printed),
    });
  }
  // A process is started for each.
}, 300_000);

/** Commands, one a line after the prompt, and the lines printed until the next one. */
function transcript(page: string): { command: string; printed: string }[] {
  const steps: { command: string; printed: string }[] = [];
  let open = false;
  for (const line of page.split('\n')) {
    const last = steps.at(-1);
    if (line.startsWith(PROMPT)) steps.push({ command: line.slice(PROMPT.length), printed: '' });
    else if (open && last && line.startsWith('    ')) last.printed += `${line.slice(4)}\n`;
    open = line.startsWith(PROMPT) || (open && line.startsWith('    '));
  }
  return steps;
}

/** Times are others each time. */
function masked(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}

function run(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise(resolve => {
    execFile('sh', ['-c', `exec 2>&1; ${command}`], { env }, (_failed, stdout) => resolve(stdout));
  });
}
