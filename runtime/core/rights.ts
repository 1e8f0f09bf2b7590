import { SCRIPTS_BUCKET } from '../../contract/own-buckets.ts';
import type { Named } from './named-in-schema.ts';
import type { Principal } from './principal.ts';
import { authorizeBucket, authorizeDestination, authorizeNamespace } from './principal.ts';
import { bucketOf } from './scoped-kv.ts';
import { authorizeSubject } from './subject-rights.ts';

/** Throws FORBIDDEN unless the principal has the right to everything that an input names. */
export function authorizeNames(who: Principal, names: readonly Named[]): void {
  for (const { kind, name } of names) {
    if (kind === 'bucket') authorizeBucket(who, name);
    else if (kind === 'stream') authorizeBucket(who, bucketOf(name));
    else if (kind === 'subject') authorizeSubject(who, name);
    else if (kind === 'destination') authorizeDestination(who, name);
    else if (kind === 'namespace') authorizeNamespace(who, name);
    else if (kind === 'script') authorizeBucket(who, SCRIPTS_BUCKET);
    // A table is judged with its destination, which knows its own: by the port of recognition.
  }
}
