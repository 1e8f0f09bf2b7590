import type { ManifestFunction } from './manifest.ts';
import type { Principal } from './principal.ts';
import { authorizeFunction } from './principal.ts';
import type { Registry } from './registry.ts';

/** The functions that the caller may call; the others are not shown. */
export function callableBy(principal: Principal, registry: Registry): ManifestFunction[] {
  return registry.list().filter(spec => mayCall(principal, spec));
}

/** One function that the caller may call. Throws FUNCTION_NOT_FOUND or FORBIDDEN. */
export function requireCallable(principal: Principal, registry: Registry, name: string): ManifestFunction {
  const { spec } = registry.get(name);
  authorizeFunction(principal, { name: spec.name, readOnly: spec.annotations.readOnly });
  return spec;
}

function mayCall(principal: Principal, spec: ManifestFunction): boolean {
  try {
    authorizeFunction(principal, { name: spec.name, readOnly: spec.annotations.readOnly });
    return true;
  } catch {
    return false;
  }
}
