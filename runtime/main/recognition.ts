import { PackError } from '../../contract/errors.ts';
import type { Config } from '../config/config.ts';
import type { Recognition } from '../core/recognition-port.ts';
import type { Nats, NatsLog } from '../nats/open.ts';

/** What recognizes users, started by the first call that needs it. */
export interface LazyRecognition {
  /** Throws UNSUPPORTED where it is switched off. */
  start(): Promise<Recognition>;
  /** What was started, if it was. */
  started(): Recognition | undefined;
  /** Where its state is; opens the connection of USER_RECOGNITION_NATS_URL, where there is one. */
  nats(): Promise<Nats>;
  close(): Promise<void>;
}

/** Makes it: a process that recognizes nobody loads no driver and opens no second connection. */
export function createLazyRecognition(config: Config, main: Nats, log: NatsLog): LazyRecognition {
  const settings = config.usersRecognition;
  const closing: (() => Promise<void>)[] = [];
  let connecting: Promise<Nats> | undefined;
  let starting: Promise<Recognition> | undefined;
  let recognition: Recognition | undefined;
  return {
    start: () => {
      if (!settings.enabled) return Promise.reject(switchedOff());
      starting ??= start();
      return starting;
    },
    started: () => recognition,
    nats,
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };

  function nats(): Promise<Nats> {
    connecting ??= connect();
    return connecting;
  }

  async function connect(): Promise<Nats> {
    if (!settings.nats) return main;
    const { openNats } = await import('../nats/open.ts');
    const own = openNats({ ...settings.nats, name: 'kvflow recognition' }, log);
    closing.push(() => own.close());
    return own;
  }

  async function start(): Promise<Recognition> {
    const [{ kv }, { createDestinations }, { createRecognition }, { createStats }, { takeLock }] =
      await Promise.all([
        nats(),
        import('../warehouses/destinations.ts'),
        import('../recognition/create.ts'),
        import('../core/recognition-stats.ts'),
        import('../locks/lock-file.ts'),
      ]);
    const { destinations: configured, dataDir } = config;
    const destinations = createDestinations({ destinations: configured, kv, dataDir, takeLock });
    closing.push(() => destinations.close());
    const defaults = {
      anonymousIdNode: settings.anonymousIdNode,
      identificationNodes: settings.identificationNodes,
      noIdentityValues: settings.noIdentityValues,
      userAgentNode: settings.userAgentNode,
      timestampNode: settings.timestampNode,
      normalize: settings.normalize,
      lookbackMinutes: settings.ttlMinutes,
      reconcileAfterMs: settings.reconcileAfterSec * 1_000,
    };
    const made = createRecognition({ kv, log: main.kv, destinations, defaults, stats: createStats() }, log);
    closing.push(() => made.close());
    recognition = made;
    return made;
  }
}

function switchedOff(): PackError {
  return new PackError(
    'UNSUPPORTED',
    'User recognition is switched off. Set USER_RECOGNITION_ENABLED=true, or users_recognition.enabled in kvflow.yaml, and start kvflow again.',
  );
}
