/**
 * `npm run check:deploy`: what the tools themselves say of deploy/: promtool of the alerts and their tests, helm of the chart,
 * systemd-analyze of the unit. Says of a tool that is not installed that it was left out. Ends with 1 where one finds a fault.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DEPLOY = join(import.meta.dirname, '../deploy');
const run = promisify(execFile);
const CHART = 'helm/kvflow';
const VALUES = ['--set', 'nats.url=nats://nats:4222', '--set', 'image.repository=example.com/kvflow'];

const CHECKS: [program: string, ...args: string[]][] = [
  ['promtool', 'check', 'rules', 'prometheus/alerts.yaml'],
  ['promtool', 'test', 'rules', 'prometheus/alerts.test.yaml'],
  ['helm', 'lint', CHART, ...VALUES],
  ['helm', 'template', 'mine', CHART, ...VALUES],
  ['systemd-analyze', 'verify', '--man=no', 'systemd/kvflow.service'],
];

for (const [program, ...args] of CHECKS) {
  const command = [program, ...args].join(' ');
  console.log(`${command}: ${await verdict(program, args)}`);
}

async function verdict(program: string, args: string[]): Promise<string> {
  try {
    await run(program, args, { cwd: DEPLOY, maxBuffer: 64 * 1024 * 1024 });
    return 'ok';
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT') return `left out, ${program} is not installed`;
    process.exitCode = 1;
    return `failed\n${stdout}${stderr}`;
  }
}
