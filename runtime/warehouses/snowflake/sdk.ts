import { AsyncLocalStorage } from 'node:async_hooks';
import type Sdk from 'snowflake-sdk';
import { PackError } from '../../../contract/errors.ts';

/** The SDK, configured. */
export type SnowflakeSdk = typeof Sdk;

/** Loads the package; a parameter so that a test can be without it. */
export type LoadSdk = () => Promise<{ default: SnowflakeSdk }>;

const PACKAGE = 'snowflake-sdk';
const nothing = (): void => undefined;

/**
 * Loads the SDK when a destination of this type is first used. Throws UNSUPPORTED where the package is not installed.
 * By itself the SDK would write `snowflake.log` into the working directory, ask the cloud's metadata service what
 * machine this is, and report how connections are named: none of that is wanted of a library.
 */
export async function loadSdk(load: LoadSdk = () => import('snowflake-sdk')): Promise<SnowflakeSdk> {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true';
  process.env.SNOWFLAKE_DISABLE_MINICORE ??= 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= 'true';
  const { default: sdk } = await load().catch(missing);
  await addGuard();
  sdk.configure({
    logLevel: 'OFF',
    customLogger: { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing },
  });
  return sdk;
}

/** What of a request of the SDK is touched. */
interface SdkRequest {
  useSnowflakeRetryMiddleware?: boolean;
  signal?: AbortSignal;
}

/** The SDK's HTTP client, as far as it is touched. */
interface HttpClient {
  interceptors: { request: { use(each: (config: SdkRequest) => SdkRequest): void } };
}

const current = new AsyncLocalStorage<AbortSignal>();
let guard: Promise<void> | undefined;

/**
 * Each request that the SDK makes for `work` is sent once, and ended by the signal. By itself the SDK repeats it for two
 * minutes after the caller was told that Snowflake is away, and waits as long for an answer: a statement could then run
 * after its repetition, and the process could not end.
 */
export function sentOnce<T>(signal: AbortSignal, work: () => T): T {
  return current.run(signal, work);
}

/** The SDK has no option for it. Where a version keeps its HTTP client elsewhere, it does as it likes. */
async function addGuard(): Promise<void> {
  guard ??= import('snowflake-sdk/dist/lib/http/axios_instance.js').then(
    ({ default: exported }) => {
      // The module is CommonJS with a default of its own, which an import nests once more.
      const client = ('default' in exported ? exported.default : exported) as unknown as HttpClient;
      client.interceptors.request.use(config => {
        const signal = current.getStore();
        if (!signal) return config;
        const signals = config.signal ? [config.signal, signal] : [signal];
        return Object.assign(config, {
          useSnowflakeRetryMiddleware: false,
          signal: AbortSignal.any(signals),
        });
      });
    },
    () => undefined,
  );
  await guard;
}

function missing(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code)) throw error;
  throw new PackError(
    'UNSUPPORTED',
    `a destination of type snowflake needs the package ${PACKAGE}, which is not installed: npm install ${PACKAGE}`,
    { cause: error },
  );
}
