import { existsSync, readFileSync } from 'node:fs';
import { catalogOf } from './catalog.js';

/** @import { Manifest } from './types.d.ts' */

/** Beside lib/ where the package is installed by itself, else that of the kvflow it lies in. */
const PLACES = ['../manifest.json', '../../../manifest.json'].map(place => new URL(place, import.meta.url));
const found = PLACES.find(place => existsSync(place));
if (!found) throw new Error('@kvflow/node-red has no manifest.json; install it again');

/** @type {Manifest} */
const manifest = JSON.parse(readFileSync(found, 'utf8'));

/** Every node's type but the connection, as manifest.json has them when Node-RED starts. */
export const catalog = catalogOf(manifest);
