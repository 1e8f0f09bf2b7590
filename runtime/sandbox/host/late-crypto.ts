/**
 * Node's crypto. Loading it takes a tenth of what a worker takes to start: by whoever needs it first, and so not before the first
 * worker is under way.
 */
export function lateCrypto(): typeof import('node:crypto') {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}
let loaded: typeof import('node:crypto') | undefined;
