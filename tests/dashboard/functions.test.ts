/** The pages of functions, clicked in a real browser. */
import { calling } from './functions/calling.ts';
import { copies } from './functions/copies.ts';
import { openDashboard } from './support/dashboard.ts';

const open = openDashboard();

calling(open);
copies(open);
