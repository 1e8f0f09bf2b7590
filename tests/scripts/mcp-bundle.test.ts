/** What lists kvflow among MCP servers, and what a click installs. */
import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import manifest from '../../manifest.json' with { type: 'json' };
import { bundleManifest, MCP_NAME, stageBundle } from '../../scripts/release/mcp-bundle.ts';
import { readOwner } from '../../scripts/release/owner.ts';
import serverJson from '../../server.json' with { type: 'json' };
import { tempDir } from '../support/temp-dir.ts';

test('server.json - says what the registry of MCP servers asks for', () => {
  const { name, description, version, packages } = serverJson;
  expect(name).toBe(MCP_NAME);
  // As server.schema.json has it.
  expect(name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
  expect(description.length).toBeLessThanOrEqual(100);
  expect(version).toBe(manifest.version);
  expect(packages).toMatchObject([
    { registryType: 'npm', identifier: 'kvflow', version, transport: { type: 'stdio' } },
  ]);
  expect(packages[0]?.packageArguments).toEqual([{ type: 'positional', value: 'mcp' }]);
});

test('MCP bundle - its manifest names its program, what users may set, and the tools', async () => {
  const described = bundleManifest('1.2.3', await readOwner()) as Record<string, object>;
  expect(described).toMatchObject({
    manifest_version: '0.3',
    name: 'kvflow',
    version: '1.2.3',
    author: { name: expect.any(String) },
    server: { type: 'node', entry_point: 'server/index.js' },
  });
  expect(Object.keys(described.tools ?? {}).length).toBe(8);
  const used = JSON.stringify(described.server).matchAll(/\$\{user_config\.(\w+)\}/g);
  expect([...used].map(([, name]) => name).sort()).toEqual(Object.keys(described.user_config ?? {}).sort());
});

test('MCP bundle - starts kvflow of its own version with what was set, and hands stdin and stdout on', async () => {
  await using dir = await tempDir();
  await stageBundle(dir.path, '1.2.3', await readOwner());
  expect(JSON.parse(await readFile(join(dir.path, 'manifest.json'), 'utf8'))).toMatchObject({
    version: '1.2.3',
  });
  // Stands in for npx, which would fetch the package.
  const npx = join(dir.path, 'npx');
  const told = 'echo "$@"; echo "url=$NATS_URL dir=$KVFLOW_DATA_DIR"; cat';
  await writeFile(npx, `#!/bin/sh\n${told}\n`);
  await chmod(npx, 0o755);
  const child = spawn(process.execPath, [join(dir.path, 'server/index.js')], {
    env: {
      PATH: [dir.path, dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: '/home/ada',
      NATS_URL: 'nats://there',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a setting that nobody made
      KVFLOW_DATA_DIR: '${user_config.data_dir}',
      KVFLOW_MCP_READ_ONLY: 'true',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end('a request');
  expect(await text(child.stdout)).toBe(
    '-y kvflow@1.2.3 mcp --read-only\nurl=nats://there dir=/home/ada/.kvflow\na request',
  );
});
