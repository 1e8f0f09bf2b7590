import { testTransport } from '../../suites/test-transport.ts';
import { batch, http, mcpHttp, mcpStdio, nats } from '../../support/transports.ts';

for (const transport of [http, batch, nats, ...mcpHttp, ...mcpStdio]) testTransport(transport);
