/** The catalogue of the Node-RED package, which is JavaScript that its own tsconfig.json checks. */

// @ts-expect-error As above.
import { catalogOf } from '../../../hosts/node-red/lib/catalog.js';
import type { CatalogEntry } from '../../../hosts/node-red/lib/types.d.ts';
import type { Manifest } from '../../../runtime/core/manifest.ts';

/** Every node's type but the connection. */
export const nodeRedCatalog = catalogOf as (manifest: Manifest) => CatalogEntry[];
