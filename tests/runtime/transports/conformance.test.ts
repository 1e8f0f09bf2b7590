import { testTransport } from '../../suites/test-transport.ts';
import { batch, cli, cliViaNats, http, mcpHttp, mcpStdio, nats } from '../../support/transports.ts';

for (const transport of [http, batch, nats, ...mcpHttp, ...mcpStdio, cli, cliViaNats])
  testTransport(transport);
