import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';

const SANDBOX = new URL('../../../runtime/sandbox/sandbox.ts', import.meta.url).href;
const run = process.platform === 'win32' ? test.skip : test;

// In a process of its own: jest gives tests a `process` whose listeners are none of the system's.
run(
  'sandbox - SIGUSR1, which a worker may send to a server of its own user, opens no inspector',
  async () => {
    const program = `import { createSandbox } from ${JSON.stringify(SANDBOX)};
    const sandbox = createSandbox({ warmWorkers: 0 });
    const alive = setInterval(() => {}, 1000);
    process.kill(process.pid, 'SIGUSR1');
    await new Promise(resolve => process.once('SIGUSR1', resolve));
    clearInterval(alive);
    await sandbox.close();
    const { url } = await import('node:inspector');
    console.log('inspector at', url());`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { out: '', err: '' };
    child.stdout.on('data', text => {
      printed.out += text;
    });
    child.stderr.on('data', text => {
      printed.err += text;
    });
    await once(child, 'close');
    expect(printed.out.trim()).toBe('inspector at undefined');
    expect(printed.err).not.toContain('Debugger');
  },
);
