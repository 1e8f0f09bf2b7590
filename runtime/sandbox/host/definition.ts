import { hash } from 'node:crypto';
import type { RunRequest, SandboxLimits } from '../types.ts';
import { checkScript, checkVariables, lowered } from './limits.ts';

/** A script with everything that makes it a definition of its own in a worker. */
export interface Definition {
  /** Identifies script, variables and limits. */
  key: string;
  /** Identifies namespace and script, for parking. */
  scriptKey: string;
  script: string;
  /** JSON of the read-only globals, and their names. */
  variables: string;
  names: string[];
  timeoutMs: number;
  limits: SandboxLimits;
}

const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 600_000;

/** The definition that a request asks for; no limit of it is above those of the sandbox. Throws INVALID_INPUT. */
export function define(request: RunRequest, ceiling: SandboxLimits): Definition {
  const { script, destinationId, destinationType, namespace } = request;
  const variables = { ...request.variables, destinationId, destinationType };
  checkScript(script);
  checkVariables(variables);
  const json = JSON.stringify(variables, (_key, value) => (value === undefined ? null : value));
  const limits = lowered(ceiling, request.limits);
  const timeoutMs = Math.min(MAX_TIMEOUT_MS, Math.max(1, request.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  const hashOf = (...parts: string[]): string => hash('sha256', JSON.stringify(parts), 'base64');
  return {
    key: hashOf(script, json, String(timeoutMs), JSON.stringify(limits)),
    scriptKey: hashOf(namespace, script),
    script,
    variables: json,
    names: Object.keys(variables),
    timeoutMs,
    limits,
  };
}
