import { isBuiltin } from 'node:module';
import type { Plugin } from 'vite';

/** Fails the build where anything of the page imports a module of Node, which vite would replace by an empty one. */
export function noNode(): Plugin {
  return {
    name: 'kvflow-no-node',
    enforce: 'pre',
    resolveId(source, importer) {
      // Packages for browsers may have the name of a module of Node, such as `buffer`, or do without one; a prefix has none of them.
      const isOurs = importer?.includes('/src/') && !importer.includes('/node_modules/');
      const isNode = source.startsWith('node:') || (isBuiltin(source) && isOurs);
      if (isNode) throw new Error(`${importer} imports ${source}: the page runs in a browser`);
    },
  };
}
