import { resolve } from 'node:path';
import type { Config } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import { readConfigFile } from './config-file.ts';
import { readDestinations } from './destinations.ts';
import { NATS_SETTINGS } from './nats-settings.ts';
import { idleSettings, natsTarget } from './nats-target.ts';
import type { Problems } from './problems.ts';
import { createProblems } from './problems.ts';
import { SETTINGS } from './settings.ts';
import type { Env, Sources } from './sources.ts';
import { readSecret, readTable } from './sources.ts';
import { substitute } from './substitute.ts';
import { checkKeys, misspelt } from './unknown-names.ts';

const MIB = 1024 * 1024;

/** Where {@link readConfig} reads. */
export interface ReadConfigOptions {
  env: Env;
  /** Folder that relative paths of the environment start from, and where kvflow.yaml is looked for. */
  cwd: string;
  /** What the command line says, under the variables' names: it wins over both. */
  overrides?: Env;
}

/**
 * Reads the whole configuration, once: the command line over the environment over the config file over the defaults.
 * @throws PackError INVALID_INPUT that lists everything wrong at once. No message ever holds a secret.
 */
export async function readConfig({ env, cwd, overrides = {} }: ReadConfigOptions): Promise<Config> {
  const problems = createProblems();
  const file = await loadFile({ env, cwd, overrides }, problems);
  checkKeys(file, cwd, problems);
  const sources = { env, cwd, overrides, file, problems };
  const config = assemble(sources);
  problems.throwIfAny();
  return config;
}

async function loadFile(
  options: Required<ReadConfigOptions>,
  problems: Problems,
): Promise<ConfigFile | undefined> {
  const { env, cwd, overrides } = options;
  const asked = overrides.KVFLOW_CONFIG || env.KVFLOW_CONFIG || undefined;
  const file = await readConfigFile(asked, cwd, problems);
  if (!file) return undefined;
  const variables = new Set<string>();
  const lookup = (name: string) => {
    variables.add(name);
    return readSecret(name, { env, cwd, problems });
  };
  const content = substitute(file.content, lookup, problems) as ConfigFile['content'];
  return { ...file, content, variables: [...variables] };
}

function assemble(sources: Sources): Config {
  const { cwd, file, env, problems } = sources;
  const said = readTable(SETTINGS, sources);
  const main = readTable(NATS_SETTINGS.main, sources);
  const target = (at: string, table: keyof typeof NATS_SETTINGS) =>
    natsTarget(at, readTable(NATS_SETTINGS[table], sources), problems);
  return {
    file: file?.path,
    dataDir: resolve(cwd, said.dataDir),
    logLevel: said.logLevel,
    http: { host: said.host, port: said.port, apiKeys: said.apiKeys, corsOrigins: said.corsOrigins },
    workers: said.workers,
    nats: natsTarget('nats', main, problems),
    embedded: { serverBin: said.serverBin, sync: said.sync },
    backups: {
      everyHours: said.backupHours,
      keep: said.backupKeep,
      maxBytes: said.backupMaxMb * MIB,
      minFreeBytes: said.backupMinFreeMb * MIB,
    },
    natsService: said.natsService,
    flows: said.flows,
    flowsMemoryMb: said.flowsMemoryMb,
    transform: {
      nats: target('transform.nats', 'transform'),
      bucket: said.transformBucket,
      ttlSec: said.transformTtlSec,
      timeZone: said.transformTimeZone,
      requireLayers: said.transformRequireLayers,
      engine: said.transformEngine,
      failingTests: said.transformFailingTests,
      secretsKey: said.transformSecretsKey,
      fetch: {
        hosts: said.transformFetchHosts,
        maxBytes: said.transformFetchMaxBytes,
        timeoutMs: said.transformFetchTimeoutMs,
        perCall: said.transformFetchPerCall,
      },
      geoFile: said.transformGeoFile,
      limits: {
        cpuMsPerCall: said.transformCpuMsPerCall,
        kvPerCall: said.transformKvPerCall,
        cpuMsPerMinute: said.transformCpuMsPerMinute,
        kvPerMinute: said.transformKvPerMinute,
      },
    },
    copy: { hosts: said.copyHosts, private: said.copyPrivate },
    usersRecognition: {
      enabled: said.recognitionEnabled,
      nats: target('users_recognition.nats', 'recognition'),
      ttlMinutes: said.recognitionTtlMinutes,
      anonymousIdNode: said.anonymousIdNode,
      identificationNodes: said.identificationNodes,
      noIdentityValues: said.noIdentityValues,
      userAgentNode: said.userAgentNode,
      timestampNode: said.timestampNode,
      ...(said.normalize.length > 0 && { normalize: said.normalize }),
      reconcileAfterSec: said.reconcileAfterSec,
    },
    destinations: readDestinations(file, cwd, problems),
    warnings: [...misspelt(env), ...idle(idleSettings(NATS_SETTINGS.main, main))],
    fileVariables: file?.variables ?? [],
  };
}

function idle(names: string[]): string[] {
  if (names.length === 0) return [];
  return [`NATS_URL is not set, so these have no effect: ${names.join(', ')}`];
}
