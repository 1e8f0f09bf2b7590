import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { ConfigFile } from './config-file.ts';
import { isMap } from './config-file.ts';
import type { ParseContext } from './parsers.ts';
import { BadValue } from './parsers.ts';
import type { Problems } from './problems.ts';
import type { Setting, ValuesOf } from './setting.ts';

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where settings are looked for, in this order. */
export interface Sources {
  /** What the command line says, under the variables' names. */
  overrides: Env;
  env: Env;
  file: ConfigFile | undefined;
  cwd: string;
  problems: Problems;
}

/** A value as it was said. */
interface Said extends ParseContext {
  /** As the user knows it: a flag, a variable or a key of the file. */
  name: string;
  value: unknown;
}

/** Reads every setting of a table. */
export function readTable<Table extends Record<string, Setting<unknown>>>(
  table: Table,
  sources: Sources,
): ValuesOf<Table> {
  const entries = Object.entries(table).map(([name, setting]) => [name, readSetting(setting, sources)]);
  return Object.fromEntries(entries);
}

/** The flag that overrides a variable: `--port` for KVFLOW_PORT. */
export function flagOf(variable: string): string {
  return `--${variable
    .replace(/^KVFLOW_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}

/** What a variable holds, or the file that `<name>_FILE` names: the way containers are given their secrets. */
export function readSecret(name: string, { env, cwd, problems }: Omit<Sources, 'file' | 'overrides'>) {
  const path = env[`${name}_FILE`];
  if (!path) return env[name] || undefined;
  if (env[name]) problems.add(`${name} and ${name}_FILE are both set; keep one of them`);
  try {
    const bytes = readFileSync(resolve(cwd, path));
    if (isUtf8(bytes)) return bytes.toString('utf8').trim();
    problems.add(`${name}_FILE is not UTF-8 text`);
    return undefined;
  } catch (error) {
    problems.add(`${name}_FILE cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

function readSetting<T>(setting: Setting<T>, sources: Sources): T {
  const said = find(setting, sources);
  if (!said) return setting.fallback;
  try {
    return setting.parse(said.value, said);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    sources.problems.add(`${said.name}${shown(setting, said.value)} ${error.message}`);
    return setting.fallback;
  }
}

function find(setting: Setting<unknown>, sources: Sources): Said | undefined {
  const { env: variable, secret } = setting;
  const { overrides, env, cwd } = sources;
  if (!variable) return inFile(setting, sources);
  const override = overrides[variable];
  if (override !== undefined) return { name: flagOf(variable), value: override, baseDir: cwd };
  const value = secret ? readSecret(variable, sources) : env[variable];
  if (!value || isServiceLink(value)) return inFile(setting, sources);
  return { name: secret && !env[variable] ? `${variable}_FILE` : variable, value, baseDir: cwd };
}

function inFile({ key }: Setting<unknown>, { file, cwd }: Sources): Said | undefined {
  let value: unknown = file?.content;
  for (const name of key.split('.')) value = isMap(value) ? value[name] : undefined;
  if (!file || value === undefined || value === null || value === '') return undefined;
  return { name: `${relative(cwd, file.path)}: ${key}`, value, baseDir: file.dir };
}

/** Kubernetes sets KVFLOW_PORT=tcp://10.0.0.1:4280 in every pod where a service is called kvflow. Nobody said that. */
function isServiceLink(value: string): boolean {
  return /^tcp:\/\/[\d.:[\]a-f]+$/.test(value);
}

function shown({ secret }: Setting<unknown>, value: unknown): string {
  return secret ? '' : ` is ${JSON.stringify(value)}:`;
}
