import { PackError } from '../../contract/errors.ts';
import type { Destinations } from '../core/destinations.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Recognition } from '../core/recognition-port.ts';
import { createStats } from '../core/recognition-stats.ts';
import { createRecognition } from './create.ts';
import { RECOGNITION_DEFAULTS } from './settings.ts';

/** No warehouses at all: for hosts that have no kvflow.yaml. */
export const NO_DESTINATIONS: Destinations = {
  names: [],
  open: async name => {
    throw new PackError(
      'DESTINATION_NOT_FOUND',
      `There is no destination "${name}": this kvflow has no kvflow.yaml. Call the function on a kvflow server that has, or leave destination out.`,
    );
  },
};

/** Recognition that answers events and writes to no warehouse. */
export function recognitionWithoutWarehouses(kv: KvStore): Recognition {
  return createRecognition({
    kv,
    log: kv,
    destinations: NO_DESTINATIONS,
    defaults: RECOGNITION_DEFAULTS,
    stats: createStats(),
  });
}
