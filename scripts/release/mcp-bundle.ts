import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AGENT_TOOLS } from '../../runtime/transports/mcp/agent-tools.ts';
import type { Owner } from './owner.ts';

const ROOT = join(import.meta.dirname, '../..');
const MCPB = join(ROOT, 'tools/release/node_modules/.bin/mcpb');
/** Name in the registry of MCP servers; package.json of the published package says it too, by which the registry knows its owner. */
export const MCP_NAME = 'io.github.kvflow/kvflow';
/** The registry takes 100 characters. */
const DESCRIPTION = 'Key-value state for agents on NATS JetStream: get, put, watch, locks, queues, scripts.';
const REPOSITORY = 'https://github.com/kvflow/kvflow';

/**
 * server.json, by which the registry of MCP servers lists kvflow.
 * See https://github.com/modelcontextprotocol/registry/tree/main/docs/reference/server-json
 */
export function serverJson(version: string): object {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: MCP_NAME,
    title: 'kvflow',
    description: DESCRIPTION,
    version,
    repository: { url: REPOSITORY, source: 'github' },
    packages: [
      {
        registryType: 'npm',
        identifier: 'kvflow',
        version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        packageArguments: [{ type: 'positional', value: 'mcp' }],
        environmentVariables: [
          {
            name: 'NATS_URL',
            description: 'A NATS with JetStream; without it kvflow runs one',
            isSecret: true,
          },
          { name: 'KVFLOW_DATA_DIR', description: 'Where data is kept without NATS_URL', format: 'filepath' },
        ],
      },
    ],
  };
}

/** manifest.json of the bundle: https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md */
export function bundleManifest(version: string, owner: Owner): object {
  return {
    manifest_version: '0.3',
    name: 'kvflow',
    display_name: 'kvflow',
    version,
    description: DESCRIPTION,
    author: { name: owner.author, ...(owner.contact && { email: owner.contact }) },
    repository: { type: 'git', url: owner.repository ?? REPOSITORY },
    license: 'MIT',
    server: {
      type: 'node',
      entry_point: 'server/index.js',
      mcp_config: {
        command: 'node',
        // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the program that installs the bundle puts values there
        args: ['${__dirname}/server/index.js'],
        env: {
          NATS_URL: '${user_config.nats_url}',
          KVFLOW_DATA_DIR: '${user_config.data_dir}',
          KVFLOW_MCP_READ_ONLY: '${user_config.read_only}',
        },
        // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
      },
    },
    tools: Object.entries(AGENT_TOOLS).map(([name, { description }]) => ({ name, description })),
    user_config: {
      nats_url: {
        type: 'string',
        title: 'NATS URL',
        description: 'A NATS with JetStream. Empty: kvflow runs one of its own.',
        required: false,
        sensitive: true,
      },
      data_dir: {
        type: 'directory',
        title: 'Data folder',
        description: 'Where data is kept without a NATS URL. Empty: .kvflow in the home folder.',
        required: false,
      },
      read_only: {
        type: 'boolean',
        title: 'Read only',
        description: 'Refuse everything that changes something.',
        required: false,
        default: false,
      },
    },
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=24' } },
  };
}

/** Writes what the bundle holds into a folder: its manifest, and a program that starts kvflow of the same version. */
export async function stageBundle(folder: string, version: string, owner: Owner): Promise<void> {
  await mkdir(join(folder, 'server'), { recursive: true });
  await writeFile(
    join(folder, 'manifest.json'),
    `${JSON.stringify(bundleManifest(version, owner), null, 2)}\n`,
  );
  await writeFile(join(folder, 'server/package.json'), `${JSON.stringify({ type: 'module', version })}\n`);
  await cp(join(import.meta.dirname, 'mcp-bundle-server.js'), join(folder, 'server/index.js'));
}

/** Packs the bundle and answers its file. `mcpb` checks the manifest first. Needs the tools of tools/release. */
export async function packBundle(target: string, version: string, owner: Owner): Promise<string> {
  const folder = join(target, 'mcp-bundle');
  await stageBundle(folder, version, owner);
  const file = join(target, `kvflow-${version}.mcpb`);
  const run = promisify(execFile);
  await run(MCPB, ['validate', join(folder, 'manifest.json')]);
  await run(MCPB, ['pack', folder, file]);
  return file;
}
