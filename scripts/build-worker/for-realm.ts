import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { encodings } from '../../runtime/sandbox/guest/encodings.ts';

const GUEST = join(import.meta.dirname, '../../runtime/sandbox/guest');
/** Tables of old encodings, of which a `URL` has none. */
const UNUSED = '@exodus/bytes/encoding.js';
const LAZY = '\0lazy-tr46';

/**
 * What makes packages fit a realm that every worker starts with: what few scripts need is read when it is first needed, what
 * none needs is left out, and what takes Node to find out is found out now.
 */
export function forRealm(): Plugin {
  let tr46 = '';
  return {
    name: 'for-realm',
    async resolveId(id, importer) {
      if (id === UNUSED) return `\0${UNUSED}`;
      if (id === '@exodus/bytes/whatwg.js') return join(GUEST, 'percent-encode.ts');
      if (id !== 'tr46' || importer === LAZY) return null;
      // International names of hosts: two thirds of the whole text are its tables.
      tr46 = (await this.resolve(id, importer, { skipSelf: true }))?.id ?? '';
      return LAZY;
    },
    async load(id) {
      if (id === `\0${UNUSED}`) return '';
      if (id === LAZY)
        return `exports.toASCII=(...all)=>require(${JSON.stringify(tr46)}).toASCII(...all);exports.toUnicode=(...all)=>require(${JSON.stringify(tr46)}).toUnicode(...all)`;
      if (id === join(GUEST, 'encodings.ts'))
        return { code: `export const encodings=()=>(${JSON.stringify(encodings())})`, moduleType: 'js' };
      if (!id.endsWith('.json')) return null;
      // A text is read much faster than an expression.
      const json = JSON.stringify(JSON.parse(await readFile(id, 'utf8')));
      return { code: `module.exports=JSON.parse(${JSON.stringify(json)})`, moduleType: 'js' };
    },
  };
}
