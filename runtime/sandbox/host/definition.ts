import { textMemo } from '../../core/text-memo.ts';
import type { EngineName } from '../engines/engine.ts';
import type { RunRequest, SandboxLimits } from '../types.ts';
import { lateCrypto } from './late-crypto.ts';
import { checkScript, checkVariables, lowered } from './limits.ts';
import { packageNames, packagesOf, type ScriptPackage } from './packages.ts';

/** A script with everything that makes it a definition of its own in a worker. */
export interface Definition {
  /** Identifies script, variables and limits. */
  key: string;
  /** Identifies namespace and script, for quarantine. */
  scriptKey: string;
  /** An event goes through all of them. */
  scripts: Source[];
  libraries: Source[];
  /** What of npm they import. */
  packages: ScriptPackage[];
  /** JSON of the read-only globals, and their names. */
  variables: string;
  names: string[];
  timeoutMs: number;
  limits: SandboxLimits;
  /** JSON of its secrets. */
  secrets: string;
  /** The call may fetch. */
  fetch: boolean;
  /** The texts may ask where an event came from. */
  geo: boolean;
  /** Nothing in the texts could write to `$kv`. */
  readOnly: boolean;
  /** Nothing in the texts speaks against running many events in one go; the worker has the last word. */
  inBlocks: boolean;
}

/** A script or a library, by the name that errors call it. */
export interface Source {
  name: string;
  code: string;
}

const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 600_000;

/** The definition that a request asks for; no limit of it is above those of the sandbox. Throws INVALID_INPUT. */
export function define(request: RunRequest, ceiling: SandboxLimits, engine: EngineName = 'vm2'): Definition {
  const { destinationId, destinationType, namespace } = request;
  const variables = { ...request.variables, destinationId, destinationType };
  const scripts = sourcesOf(request);
  const libraries = Object.entries(request.libraries ?? {}).map(([name, code]) => ({ name, code }));
  const all = [...scripts, ...libraries];
  for (const { code } of all) checkScript(code);
  const abouts = all.map(({ code }) => aboutSource(code));
  checkVariables(variables);
  const json = request.variables
    ? JSON.stringify(variables, (_key, value) => value ?? null)
    : JSON.stringify({ destinationId: destinationId ?? null, destinationType: destinationType ?? null });
  const limits = lowered(ceiling, request.limits);
  const timeoutMs = Math.min(MAX_TIMEOUT_MS, Math.max(1, request.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  const secrets = JSON.stringify(request.secrets ?? {});
  const fetch = request.fetch !== undefined;
  const sources = all.map(({ name }, at) => `${abouts[at]?.digest} ${JSON.stringify(name)}`).join();
  return {
    key: `${sources} ${scripts.length} ${timeoutMs} ${fetch} ${textOf(limits)} ${json} ${secrets}`,
    scriptKey: `${sources} ${scripts.length} ${namespace}`,
    scripts,
    libraries,
    packages: packagesOf(
      abouts.flatMap(({ packages }) => packages),
      engine,
    ),
    variables: json,
    names: Object.keys(variables),
    timeoutMs,
    limits,
    secrets,
    fetch,
    geo: abouts.some(({ geo }) => geo),
    readOnly: abouts.every(({ readOnly }) => readOnly),
    inBlocks: all.length === 1 && request.batch !== true && abouts[0]?.inBlocks === true,
  };
}

/** Whether its events still may be run in blocks. */
export function mayRunInBlocks({ inBlocks, scripts }: Definition): boolean {
  return inBlocks && scripts.every(({ code }) => aboutSource(code).inBlocks);
}

/** Its events are to be run one by one from now on: in blocks they take longer, or come to nothing. */
export function neverInBlocks({ scripts }: Definition): void {
  for (const { code } of scripts) aboutSource(code).inBlocks = false;
}

/** Nearly all definitions have the limits of their sandbox. */
const limitTexts = new WeakMap<SandboxLimits, string>();

function textOf(limits: SandboxLimits): string {
  const text = limitTexts.get(limits) ?? JSON.stringify(limits);
  limitTexts.set(limits, text);
  return text;
}

/** What is found out about a text once, however often it is sent. */
const aboutSource = textMemo(code => ({
  digest: lateCrypto().hash('sha256', code, 'base64'),
  packages: packageNames(code),
  geo: /\bgeo|\\u/.test(code),
  readOnly: !/\b(set|del|incr|update)\b|\[/.test(code),
  inBlocks:
    !/kv|store|console|log|await|async|then|Promise|import|fetch|geo|set(Timeout|Interval|Immediate)|\\u/.test(
      code,
    ),
}));

function sourcesOf({ script, scripts }: Pick<RunRequest, 'script' | 'scripts'>): Source[] {
  if (scripts === undefined || scripts.length <= 1)
    return [{ name: 'main.js', code: script ?? scripts?.[0] ?? '' }];
  return scripts.map((code, at) => ({ name: `script ${at + 1}`, code }));
}
