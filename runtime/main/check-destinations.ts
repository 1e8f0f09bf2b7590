import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import type { Config } from '../config/config.ts';
import type { DestinationFinding, Destinations } from '../core/destinations.ts';
import type { Finding } from '../transports/cli/host.ts';
import type { DestinationSettings } from '../warehouses/destination-kind.ts';

const WAIT_MS = 10_000;
/** The embedded warehouse is no network away, but has a database to make the first time. */
const EMBEDDED_MS = 60_000;
/** Beyond its deadline a driver that hangs is left behind. */
const PATIENCE_MS = 1_000;
const CLOSE_MS = 1_000;

/** Looks at every warehouse of the configuration, all at once: one that is away keeps no other from being looked at. */
export async function checkDestinations(config: Config): Promise<Finding[]> {
  const { destinations: configured, dataDir, usersRecognition } = config;
  const [{ createDestinations }, { withEmbedded }, { KINDS }, { takeLock }, { embeddedUnused, isMade }] =
    await Promise.all([
      import('../warehouses/destinations.ts'),
      import('../warehouses/embedded.ts'),
      import('../warehouses/kinds.gen.ts'),
      import('../locks/lock-file.ts'),
      import('./check-embedded.ts'),
    ]);
  const hasEmbedded = usersRecognition.enabled && (await isMade(dataDir));
  const all: Record<string, DestinationSettings> = hasEmbedded
    ? withEmbedded(configured, dataDir)
    : configured;
  const unused = (await embeddedUnused(config)) ?? [];
  const names = Object.keys(all).sort();
  // Nothing is defined by a check, so no lock is needed, and NATS may be away.
  const buckets = { createBucket: notNeeded, bucketInfo: notNeeded, updateBucket: notNeeded };
  const kv = {
    ...buckets,
    requireTransactions: notNeeded,
    put: notNeeded,
    get: notNeeded,
    getMany: notNeeded,
    remove: notNeeded,
  };
  const destinations = createDestinations({ destinations: configured, kv, dataDir, takeLock });
  try {
    const found = await Promise.all(names.map(name => checkOne(destinations, name, lookedAt(all[name]))));
    return found.flat().concat(unused);
  } finally {
    await Promise.race([destinations.close(), sleep(CLOSE_MS, undefined, { ref: false })]);
  }

  function lookedAt(settings: DestinationSettings | undefined): LookedAt {
    return {
      url: settings?.url,
      oneProcess: settings !== undefined && KINDS[settings.type].oneProcess === true,
    };
  }
}

/** What of a destination a look at it needs to know. */
interface LookedAt {
  url: string | undefined;
  oneProcess: boolean;
}

async function checkOne(
  destinations: Destinations,
  name: string,
  { url, oneProcess }: LookedAt,
): Promise<Finding[]> {
  const { promise, resolve } = Promise.withResolvers<DestinationFinding[]>();
  const wait = oneProcess ? EMBEDDED_MS : WAIT_MS;
  const timer = setTimeout(() => resolve([late(wait)]), wait + PATIENCE_MS);
  const found = await Promise.race([look(destinations, name, Date.now() + wait), promise]).finally(() =>
    clearTimeout(timer),
  );
  const width = Math.max(...found.map(({ what }) => what.length));
  return found.map(({ what, ok, detail }) => ({
    what: name,
    ok: ok || (oneProcess && isInUse(detail)),
    detail: `${what.padEnd(width)}  ${withoutSecrets(detail, url)}`,
  }));
}

async function look(
  destinations: Destinations,
  name: string,
  deadline: number,
): Promise<DestinationFinding[]> {
  try {
    const destination = await destinations.open(name);
    return await destination.check({ deadline });
  } catch (error) {
    const what = error instanceof PackError && error.code === 'UNSUPPORTED' ? 'driver' : 'connection';
    return [{ what, ok: false, detail: error instanceof Error ? error.message : String(error) }];
  }
}

function late(wait: number): DestinationFinding {
  const detail = `does not answer within ${wait / 1_000} s; is its url right, and is it reachable from here?`;
  return { what: 'connection', ok: false, detail };
}

/** A running kvflow has the embedded warehouse open: nothing is wrong with that. */
function isInUse(detail: string): boolean {
  return detail.includes('is open in another kvflow');
}

/** Drivers word their errors as they like: what is secret in the url is taken out, however it got in. */
export function withoutSecrets(text: string, url: string | undefined): string {
  if (url === undefined) return text;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const secrets = [
    url,
    parsed?.password,
    decoded(parsed?.password),
    parsed?.searchParams.get('private_key_passphrase'),
  ];
  return secrets.reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, '***') : rest), text);
}

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function notNeeded(): Promise<never> {
  return Promise.reject(new PackError('INTERNAL', 'a check defines no tables'));
}
