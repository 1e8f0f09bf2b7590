import { testTransport } from '../../suites/test-transport.ts';
import { batch, http, mcpHttp, mcpStdio, nats, workers } from '../../support/transports.ts';

for (const transport of [http, batch, nats, ...mcpHttp, ...mcpStdio]) testTransport(transport);
// A worker does not know how many there are beside it.
const isBrief = !process.env.KVFLOW_TEST_LONG;
testTransport(workers(2));
for (const count of [1, 4]) testTransport({ ...workers(count), isBrief });
