import { nuid } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import { isStoreFault } from '../../errors.ts';
import type { BucketHandle } from './handles.ts';
import type { StreamView } from './stream-view.ts';

/** How long the answer is waited for: the server looks at nothing but what it keeps in memory. */
const WITHIN_MS = 1_000;

/** Streams that are being asked about: of many writes that wait one asks. */
const asking = new WeakMap<StreamView, Promise<PackError | undefined>>();

/**
 * Finds out why a bucket answers no write, where the files of its stream are at fault. A server that failed to write once, on a full
 * disk for example, takes no more writes of the stream until it is started again, and answers none of them (nats-server 2.15,
 * filestore.go: `werr`); a purge it answers, with what went wrong. The purge is of a subject that nobody has. Of several replicas another
 * leads by then. Undefined: there is nothing to ask.
 */
export function whySilent({ origin }: BucketHandle): (() => Promise<PackError | undefined>) | undefined {
  const { num_replicas, storage } = origin.config;
  return num_replicas > 1 || storage !== 'file' ? undefined : () => storeFault(origin);
}

function storeFault(stream: StreamView): Promise<PackError | undefined> {
  const asked = asking.get(stream) ?? ask(stream).finally(() => asking.delete(stream));
  asking.set(stream, asked);
  return asked;
}

async function ask({ api, bucket, stream, readPrefix }: StreamView): Promise<PackError | undefined> {
  // Up to before the second message: from the first on the server takes it for nothing to do.
  const nothing = { filter: `${readPrefix}${nuid.next()}`, seq: 2 };
  try {
    await api.ask(
      { deadline: Date.now() + WITHIN_MS },
      `STREAM.PURGE.${stream}`,
      nothing,
      `bucket "${bucket}"`,
    );
  } catch (error) {
    if (error instanceof PackError && isStoreFault(error)) return error;
  }
  return undefined;
}
