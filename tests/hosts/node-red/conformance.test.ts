import { testTransport } from '../../suites/test-transport.ts';
import { nodeRed } from '../support/node-red-transport.ts';

testTransport(nodeRed);
