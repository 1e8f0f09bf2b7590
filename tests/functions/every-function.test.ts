import manifest from '../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../runtime/core/manifest.ts';
import { testFunction } from '../suites/test-function.ts';
import { startKvflow } from '../support/kvflow.ts';

// No list to keep: a function is in the suite because it is in the manifest.
for (const fn of (manifest as unknown as Manifest).functions) testFunction(fn, () => startKvflow());
