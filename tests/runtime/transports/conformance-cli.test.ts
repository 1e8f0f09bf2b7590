import { testTransport } from '../../suites/test-transport.ts';
import { cli, cliViaNats } from '../../support/transports.ts';

for (const transport of [cli, cliViaNats]) testTransport(transport);
