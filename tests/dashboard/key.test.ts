/** The page of one key, clicked in a real browser. */
import { changes } from './key/changes.ts';
import { protobuf } from './key/protobuf.ts';
import { values } from './key/values.ts';
import { openDashboard } from './support/dashboard.ts';

const dashboard = openDashboard();

values(dashboard);
protobuf(dashboard);
changes(dashboard);
