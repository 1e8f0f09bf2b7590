import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** @import { NodeRedUtil } from './types.d.ts' */

/**
 * Node-RED's own reading of paths such as `a.b[0]`, from the Node-RED that runs: it gives stores nothing, and a second copy
 * might read them in another way.
 * @returns {NodeRedUtil}
 */
export function nodeRedUtil() {
  for (const place of places()) {
    try {
      return createRequire(createRequire(place).resolve('node-red/package.json'))('@node-red/util');
    } catch {
      // The next one.
    }
    try {
      return createRequire(place)('@node-red/util');
    } catch {
      // The next one.
    }
  }
  throw new Error(
    'The context store of kvflow finds no Node-RED: start it with the command node-red, or install node-red beside it.',
  );
}

/** Files whose packages may have it: what was started, this one, the folder. */
function* places() {
  const [, started] = process.argv;
  if (started) {
    try {
      yield realpathSync(started);
    } catch {
      // It is no file.
    }
  }
  yield import.meta.filename;
  yield join(process.cwd(), 'package.json');
}
