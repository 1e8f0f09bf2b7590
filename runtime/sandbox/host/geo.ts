import type { CityResponse, Reader } from 'maxmind';

/** Finds out where the addresses of events are. */
export interface Geo {
  /** JSON of an {@link EventGeo} for the JSON of an event; undefined where it names no address, or one that nobody knows. */
  of(event: string): string | undefined;
}

/** Where an event came from, in the terms of the products that scripts come from. */
export interface EventGeo {
  ip: string;
  /** `geo` of Jitsu Next. */
  jitsu: object;
  /** What `geolocation(ip)` of RudderStack answers. */
  rudder: object;
}

/** A larger event is not read here: what it takes in memory would be this process's. */
const LARGEST_EVENT = 256 * 1024;
/** Where events say what address they came from: Jitsu and Segment, RudderStack, Jitsu Classic. */
const PLACES = [['context', 'ip'], ['request_ip'], ['source_ip'], ['ip']];
const CACHED = 10_000;

/**
 * Opens a file in MaxMind's format (GeoLite2-City, GeoIP2-City and their like), which is read again when it changes.
 * @see https://maxmind.github.io/MaxMind-DB/
 */
export async function openGeo(file: string): Promise<Geo> {
  const { open, validate } = (await import('maxmind')).default;
  const reader = await open<CityResponse>(file, {
    cache: { max: CACHED },
    watchForUpdates: true,
    watchForUpdatesNonPersistent: true,
  });
  return {
    of(event) {
      const ip = addressOf(event);
      return ip !== undefined && validate(ip) ? geoOf(ip, reader) : undefined;
    },
  };
}

function geoOf(ip: string, reader: Reader<CityResponse>): string | undefined {
  const found = reader.get(ip);
  return found ? JSON.stringify({ ip, jitsu: forJitsu(found), rudder: forRudder(found, ip) }) : undefined;
}

function addressOf(json: string): string | undefined {
  if (json.length > LARGEST_EVENT) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch {
    return undefined;
  }
  for (const place of PLACES) {
    const found = at(event, place);
    if (typeof found === 'string' && found !== '') return found.trim();
  }
  const forwarded = at(event, ['__HTTP_CONTEXT__', 'headers', 'x-forwarded-for']);
  return typeof forwarded === 'string' ? forwarded.split(',', 1)[0]?.trim() : undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path)
    found =
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  return found;
}

function forJitsu({ continent, country, subdivisions, city, postal, location }: CityResponse): object {
  const [region] = subdivisions ?? [];
  return {
    ...(continent && { continent: { code: continent.code, name: continent.names.en } }),
    ...(country && {
      country: {
        code: country.iso_code,
        name: country.names.en,
        isEU: country.is_in_european_union === true,
      },
    }),
    ...(region && { region: { code: region.iso_code, name: region.names.en } }),
    ...(city && { city: { name: city.names.en } }),
    ...(postal && { postalCode: { code: postal.code } }),
    ...(location && {
      location: {
        latitude: location.latitude,
        longitude: location.longitude,
        accuracyRadius: location.accuracy_radius,
        timezone: location.time_zone,
      },
    }),
  };
}

function forRudder({ country, subdivisions, city, postal, location }: CityResponse, ip: string): object {
  return {
    ip,
    city: city?.names.en,
    region: subdivisions?.[0]?.names.en,
    country: country?.iso_code,
    loc: location && `${location.latitude},${location.longitude}`,
    postal: postal?.code,
    timezone: location?.time_zone,
  };
}
