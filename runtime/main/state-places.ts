import { isDeepStrictEqual } from 'node:util';
import type { NatsTarget } from '../../contract/nats-target.ts';
import type { Config } from '../config/config.ts';
import type { StatePlaces } from '../server/options.ts';

/** What of the functions' state is on another NATS than the one that buckets are on. */
export function statePlaces({ nats, transform, usersRecognition }: PlacedState): StatePlaces {
  const isOther = (own: NatsTarget | undefined) => own !== undefined && !isDeepStrictEqual(own, nats);
  return {
    transform: { bucket: transform.bucket, own_nats: isOther(transform.nats) },
    recognition: { own_nats: isOther(usersRecognition.nats) },
  };
}

/** What of the configuration says so. */
export type PlacedState = Pick<Config, 'nats'> & {
  transform: Pick<Config['transform'], 'nats' | 'bucket'>;
  usersRecognition: Pick<Config['usersRecognition'], 'nats'>;
};
