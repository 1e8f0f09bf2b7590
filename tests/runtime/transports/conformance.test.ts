import { testTransport } from '../../suites/test-transport.ts';
import { batch, http, mcpHttp, mcpStdio, nats, workers } from '../../support/transports.ts';

for (const transport of [http, batch, nats, ...mcpHttp, ...mcpStdio]) testTransport(transport);
for (const count of [1, 2, 4]) testTransport(workers(count));
