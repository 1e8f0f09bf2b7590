import { SCRIPT_STATE_BUCKET } from '../../../../contract/own-buckets.ts';
import { useAccess } from '../../api/access.ts';

/** Bucket of `$kv`, unless the call names another. */
export function useSessionsBucket(): string {
  return useAccess()?.state.transform.bucket ?? SCRIPT_STATE_BUCKET;
}

/** Whether `$kv` is on a NATS of its own, where only functions of transform reach. */
export function useIsElsewhere(): boolean {
  return useAccess()?.state.transform.own_nats ?? false;
}
