import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerOptions } from '../server/options.ts';
import { dashboardRoute } from '../server/routes/dashboard.ts';

/** Beside the compiled runtime, and where the sources are run as they are. */
const FOLDERS = ['../../dashboard', '../../dist/dashboard'].map(folder => join(import.meta.dirname, folder));

/** What the server needs to serve the dashboard, where it was built; else the small start page stays. */
export function openDashboard(): Pick<ServerOptions, 'homePage'> & {
  plugins: ReturnType<typeof dashboardRoute>[];
} {
  const folder = FOLDERS.find(path => existsSync(join(path, 'files.json')));
  return folder ? { homePage: false, plugins: [dashboardRoute(folder)] } : { plugins: [] };
}
