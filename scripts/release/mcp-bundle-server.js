/**
 * What a one-click bundle (.mcpb) starts: kvflow of the bundle's own version, fetched by npx, on stdin and stdout. Settings that
 * nobody made come as empty text, or as the placeholder that they are in the manifest.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const { KVFLOW_MCP_READ_ONLY: readOnly, ...given } = process.env;
const env = Object.fromEntries(
  Object.entries(given).filter(([, value]) => value && !value.startsWith('${user_config.')),
);
// The folder it is started in may be anywhere.
env.KVFLOW_DATA_DIR ??= join(homedir(), '.kvflow');
const args = ['-y', `kvflow@${version}`, 'mcp', ...(readOnly === 'true' ? ['--read-only'] : [])];
// npx is a script there.
const child = spawn('npx', args, { env, stdio: 'inherit', shell: process.platform === 'win32' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('error', error => {
  console.error(`kvflow could not be started by npx: ${error.message}`);
  process.exit(1);
});
child.on('exit', code => process.exit(code ?? 1));
