import type { WrittenBy } from '../../contract/written-by.ts';
import { toPackError } from './envelope.ts';
import type { ManifestFunction } from './manifest.ts';
import type { AdminLog } from './state/admin-log.ts';

/** A call that may be an administrative one. */
export interface RecordedCall {
  spec: Pick<ManifestFunction, 'name' | 'admin' | 'input'>;
  input: unknown;
  invocationId: string;
  by: WrittenBy | undefined;
}

/** The log is given so long, in milliseconds, whatever is left of the call's own time. */
const LOG_MS = 5_000;
/** Of a call that ended so, part may have been done; of every other, nothing was. */
const IN_PART = ['TIMEOUT', 'UNAVAILABLE', 'INTERNAL', 'BUCKET_FULL'];

/** Does an administrative call and keeps in the log what it was, before its caller is answered. */
export async function recordCall<T>(
  log: Pick<AdminLog, 'record'>,
  { spec, input, invocationId, by }: RecordedCall,
  work: () => Promise<T>,
): Promise<T> {
  const given = input as Record<string, unknown>;
  if (!isAdministrative(spec, given)) return await work();
  let output: T;
  try {
    output = await work();
  } catch (thrown) {
    const { code } = toPackError(thrown);
    if (IN_PART.includes(code)) await keep(code);
    throw thrown;
  }
  // A bucket that was there already.
  if ((output as { created?: unknown } | undefined)?.created !== false) await keep('OK');
  return output;

  function keep(outcome: string): Promise<void> {
    const { bucket, ...rest } = withoutPeople(spec, given);
    const action = { action: spec.name, outcome, input: rest };
    const call = { deadline: Date.now() + LOG_MS, by };
    return log.record(call, invocationId, typeof bucket === 'string' ? { ...action, bucket } : action);
  }
}

/** Fields that the schema marks so name a person who is not to be named once more. */
function withoutPeople(
  { input }: RecordedCall['spec'],
  given: Record<string, unknown>,
): Record<string, unknown> {
  const properties = (input.properties ?? {}) as Record<string, Record<string, unknown>>;
  const isKept = (name: string) => properties[name]?.['x-kvflow-person'] !== true;
  return Object.fromEntries(Object.entries(given).filter(([name]) => isKept(name)));
}

function isAdministrative({ admin }: RecordedCall['spec'], input: Record<string, unknown>): boolean {
  return input.dry_run !== true && (admin === true || (admin !== undefined && input[admin] !== undefined));
}
