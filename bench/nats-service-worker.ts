/** One process of the micro-service: serves every function on the NATS of its argument until its parent goes. */
import { serveFunctions } from '../runtime/nats/service/service.ts';
import { joinNats, registry } from '../tests/support/kvflow.ts';

const kvflow = joinNats({ servers: [process.argv[2] ?? ''] }, { validateOutput: false });
const log = { info: () => undefined, warn: console.error };
const service = serveFunctions({ connection: kvflow.nats.connection, registry, invoke: kvflow.invoke, log });
await service.started;
process.on('disconnect', async () => {
  await service.stop();
  await kvflow[Symbol.asyncDispose]();
});
process.send?.('ready');
