import { useQuery } from '@tanstack/react-query';
import { useFunctions } from './functions.ts';
import { requestJson } from './request.ts';
import { noteOwner } from './session.ts';

/** Who we are to the server and what we may do. */
export interface Access {
  /** Name of the API key; `local` where none is needed. */
  name: string;
  read_only: boolean;
  /** Functions allowed; `*` stands for any text. */
  functions: string[];
  /** Buckets allowed; `*` stands for any text. */
  buckets: string[];
  /** Subjects that writes of a bucket may be published on. */
  subjects: string[];
  /** Warehouses allowed, and tables beside those that they list; `*` stands for any text. */
  destinations: string[];
  tables: string[];
  /** Tenants of transform and identify allowed. */
  namespaces: string[];
  /** Whether what flows serve may be called. */
  flows: boolean;
  keys_required: boolean;
  version: string;
  /** Where functions keep state. */
  state: {
    transform: { bucket: string; own_nats: boolean };
    recognition: { own_nats: boolean };
  };
}

/** Whether a call may work, and if not why, for a disabled button. */
export type Permission = { allowed: true; reason?: undefined } | { allowed: false; reason: string };

const YES: Permission = { allowed: true };

/** Asks who we are, with the given headers or the session's. */
export async function fetchAccess(headers?: Record<string, string>): Promise<Access> {
  const access = await requestJson<Access>('/access', headers ? { headers } : {});
  if (!headers) noteOwner(access.name);
  return access;
}

/** Who we are; undefined until it is known. */
export function useAccess(): Access | undefined {
  return useQuery({ queryKey: ['access'], queryFn: () => fetchAccess(), staleTime: 60_000 }).data;
}

/**
 * Whether this API key may call the function, on this bucket where one is named. Allowed as long as it is not known: the
 * server decides anyway.
 */
export function usePermission(name: string, bucket?: string): Permission {
  const access = useAccess();
  const { data: functions } = useFunctions();
  if (!access) return YES;
  if (bucket !== undefined && !matchesAny(access.buckets, bucket)) {
    return no(`API key "${access.name}" may not use bucket "${bucket}".`);
  }
  if (!functions || functions.some(fn => fn.name === name)) return YES;
  return access.read_only && matchesAny(access.functions, name)
    ? no(`API key "${access.name}" is read-only.`)
    : no(`API key "${access.name}" may not call ${name}.`);
}

function no(reason: string): Permission {
  return { allowed: false, reason };
}

function matchesAny(patterns: string[], text: string): boolean {
  return patterns.some(pattern => {
    const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
  });
}
