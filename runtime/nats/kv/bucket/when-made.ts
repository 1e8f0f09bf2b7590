import type { NatsConnection } from '@nats-io/transport-node';

/** Calls back whenever anybody makes the bucket, where this account may hear of it. Answers what ends that. */
export function whenMade(connecting: Promise<NatsConnection>, bucket: string, heard: () => void): () => void {
  let ended = false;
  let unsubscribe: (() => void) | undefined;
  const listen = (nc: NatsConnection): void => {
    if (ended) return;
    const announced = nc.subscribe(`$JS.EVENT.ADVISORY.STREAM.CREATED.KV_${bucket}`, {
      callback: error => {
        if (!error) heard();
      },
    });
    unsubscribe = () => announced.unsubscribe();
  };
  connecting.then(listen, () => undefined);
  return () => {
    ended = true;
    unsubscribe?.();
  };
}
