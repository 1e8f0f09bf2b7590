/** Scripts as an admin writes them: completed, tried, tested, stored, compared; clicked in a real browser. */
import { jest } from '@jest/globals';
import { versions } from './scripts/versions.ts';
import { writing } from './scripts/writing.ts';
import { openDashboard } from './support/dashboard.ts';

// Several looks for faults of accessibility, each of them much work.
jest.setTimeout(60_000);

const dashboard = openDashboard();

versions(dashboard);
writing(dashboard);
