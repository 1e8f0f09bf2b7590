import type { Service, ServiceMsg } from '@nats-io/services';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Invoke } from '../../core/invoke.ts';
import type { ManifestFunction } from '../../core/manifest.ts';
import type { Principal } from '../../core/principal.ts';
import type { Registry } from '../../core/registry.ts';
import { answer } from './answer.ts';
import type { EndpointStats } from './stats.ts';
import { createStats } from './stats.ts';
import { functionSubject, KEYED_SUBJECTS, QUEUE, readKeyedSubject, SERVICE } from './subjects.ts';

/** What {@link serveFunctions} works with. */
export interface FunctionServiceOptions {
  /** May still be on its way: the service begins when it is there. */
  connection: Promise<NatsConnection>;
  registry: Registry;
  invoke: Invoke;
  /**
   * The rights of an API key by its name, as they are now; undefined: there is none of that name. Without it no key is
   * served.
   */
  principalOf?(key: string): Principal | undefined;
  /** Counts calls of a key against its rate limit. Throws PackError RATE_LIMITED. */
  spend?(principal: Principal, calls: number): Promise<void> | undefined;
  log: { info(message: string): void; warn(message: string): void };
}

/** Every function of the registry as an endpoint of a NATS micro-service. */
export interface FunctionService {
  /** Resolves when requests are taken; rejects when NATS is not joined or does not let us. */
  readonly started: Promise<void>;
  /** Takes no more requests, lets those under way end and their answers leave. Never throws. */
  stop(): Promise<void>;
}

/** How long calls under way may take after the stop; more than any call is allowed. */
const GRACE_MS = 10_000;

/**
 * Serves every function on `kvflow.fn.<name>` for whoever NATS lets publish there: its accounts and permissions are the
 * access control. On `kvflow.fn.<key name>.<name>` the API key of that name says what the caller may do beside. Any number of processes share the load through one queue group.
 */
export function serveFunctions(options: FunctionServiceOptions): FunctionService {
  const { log, connection } = options;
  const running = createRunning();
  let stopping = false;
  let keyed: Subscription | undefined;
  let beginning: Promise<Service> | undefined;
  const started = connection.then(async nc => {
    if (stopping) return;
    beginning = start(nc);
    await beginning;
  });
  started.catch(error => stopping || log.warn(`The NATS micro-service does not run: ${reason(error)}`));
  return { started, stop };

  async function start(nc: NatsConnection): Promise<Service> {
    // Loaded late, for a start that takes less; its own copy of the client's types differs in nothing that matters here.
    const { Svcm } = await import('@nats-io/services');
    const stats = new Map(options.registry.list().map(({ name }) => [name, createStats()]));
    const service = await new Svcm(nc as never).add({
      name: SERVICE,
      version: options.registry.version,
      description: 'Key-value functions for workflow automation, on NATS JetStream.',
      queue: QUEUE,
      // ADR-32 has it in every answer, empty or not.
      metadata: {},
      statsHandler: async endpoint => stats.get((endpoint as { name?: string }).name ?? '')?.fill(endpoint),
    });
    for (const spec of options.registry.list()) addEndpoint(service, spec, stats.get(spec.name));
    if (options.principalOf) serveKeys(nc, options.principalOf);
    void service.stopped.then(
      error => stopping || log.warn(`The NATS micro-service ended: ${reason(error)}`),
    );
    // Subscriptions are on their way only; nobody is told that we listen before the server knows.
    await nc.flush();
    return service;
  }

  function addEndpoint(service: Service, spec: ManifestFunction, stats: EndpointStats | undefined): void {
    const handler = (_error: Error | null, msg: ServiceMsg): void => {
      const done = running.begin();
      const began = performance.now();
      void answer(options.invoke, spec.name, msg as unknown as Msg).then(failed => {
        stats?.count(performance.now() - began, failed);
        done();
      });
    };
    service.addEndpoint(spec.name, {
      subject: functionSubject(spec.name),
      handler,
      metadata: metadataOf(spec),
    });
  }

  /** NATS permissions say who may publish on `kvflow.fn.<key name>.>`; the key says what they may do. */
  function serveKeys(nc: NatsConnection, principalOf: (key: string) => Principal | undefined): void {
    keyed = nc.subscribe(KEYED_SUBJECTS, {
      queue: QUEUE,
      callback: (error, msg) => {
        if (error) return;
        const done = running.begin();
        const { key, name } = readKeyedSubject(msg.subject);
        const caller = {
          who: () => principalOf(key) ?? unknownKey(key),
          spend: (principal: Principal, input: unknown) =>
            options.spend?.(principal, options.registry.calls(name, input)),
        };
        void answer(options.invoke, name, msg, caller).then(done);
      },
    });
  }

  async function stop(): Promise<void> {
    stopping = true;
    // A connection that is still being tried has no service on it.
    const service = await beginning?.catch(() => undefined);
    if (!service) return;
    keyed?.unsubscribe();
    await service.stop();
    await running.ended(GRACE_MS);
    const nc = await connection;
    if (!nc.isClosed()) await nc.flush().catch(() => undefined);
  }
}

/** A key that is not there, or not any more, may do nothing. */
function unknownKey(name: string): Principal {
  return { name, functions: [], buckets: [], readOnly: true };
}

/** What `nats micro info` shows of a function: all that a caller needs to make one up. */
function metadataOf({ title, description, category, annotations, input, output }: ManifestFunction) {
  return {
    title,
    description,
    category,
    annotations: JSON.stringify(annotations),
    input_schema: JSON.stringify(input),
    output_schema: JSON.stringify(output),
  };
}

function createRunning() {
  let count = 0;
  let wake: () => void = () => undefined;
  return {
    begin(): () => void {
      count += 1;
      return () => {
        count -= 1;
        if (count === 0) wake();
      };
    },
    async ended(ms: number): Promise<void> {
      if (count === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
    },
  };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : 'NATS took its subscriptions away';
}
