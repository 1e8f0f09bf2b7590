import { makeBuffer } from './buffer.ts';
import { makeClone } from './clone.ts';
import type { GuestCrypto } from './crypto.ts';
import { install } from './install.ts';
import { makePresets } from './presets.ts';
import { SearchParams } from './search-params.ts';
import { toSegment } from './segment.ts';
import { codecs } from './text.ts';
import { GuestUrl } from './url.ts';

/** Installs what every script finds without asking, and takes away what none is to have. Returns the realm's `Buffer`. */
export function installGlobals(now: () => number, crypto: GuestCrypto): unknown {
  const global = globalThis as unknown as Record<string, unknown>;
  // Left out on purpose: the engine's own console prints nowhere, WebAssembly is a row of vm2 escapes.
  for (const name of ['console', 'WebAssembly', 'VMError', 'Buffer']) delete global[name];
  const Buffer = makeBuffer();
  install('Buffer', Buffer);
  if (global.global === undefined) install('global', global);
  install('URL', GuestUrl);
  install('URLSearchParams', SearchParams);
  const origin = now();
  install('performance', {
    now: () => now() - origin,
    timeOrigin: origin,
    mark: () => {},
    measure: () => {},
  });
  install('atob', codecs.atob);
  install('btoa', codecs.btoa);
  install('structuredClone', makeClone());
  install('crypto', crypto.webcrypto);
  install('$hash', crypto.hash);
  install('toSegment', toSegment);
  for (const [name, preset] of Object.entries(makePresets())) install(name, preset);
  install('TABLE_NAME', 'JITSU_TABLE_NAME');
  return Buffer;
}
