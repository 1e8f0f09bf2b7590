/** Given to Node with --import: `@kvflow/client` is the one of this repository. */
import { registerHooks } from 'node:module';

const CLIENT = new URL('../../hosts/client/src/index.ts', import.meta.url).href;

registerHooks({
  resolve: (name, context, next) =>
    name === '@kvflow/client' ? { url: CLIENT, shortCircuit: true } : next(name, context),
});
