import type { Json } from './exact-json.ts';
import { hasMember, isObject, setMember } from './exact-json.ts';

/** A value with a merge patch applied (RFC 7396): members of the patch replace, null takes away, objects go deeper. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = isObject(target) ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else setMember(merged, name, mergePatch(hasMember(merged, name) ? merged[name] : undefined, value));
  }
  return merged;
}
