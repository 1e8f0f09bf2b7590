/** The keys of a bucket as a list, clicked in a real browser. */
import { keptRows } from './keys/kept-rows.ts';
import { moving } from './keys/moving.ts';
import { writing } from './keys/writing.ts';
import { openDashboard } from './support/dashboard.ts';

const dashboard = openDashboard();

moving(dashboard);
writing(dashboard);
keptRows(dashboard);
