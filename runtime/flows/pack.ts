import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the nodes for Node-RED; undefined when they or Node-RED itself are not installed. Loads neither. */
export function findPack(): string | undefined {
  try {
    import.meta.resolve('node-red');
  } catch {
    return undefined;
  }
  // From the sources, and from dist/.
  const places = ['../../hosts/node-red', '../../../hosts/node-red'];
  return places
    .map(place => join(import.meta.dirname, place))
    .find(folder => existsSync(join(folder, 'nodes/kvflow.html')));
}
