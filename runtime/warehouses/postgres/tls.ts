import { PackError } from '../../../contract/errors.ts';

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * The url in which the driver reads `sslmode` as libpq does: by itself it takes `require` for `verify-full`. An authority
 * without a mode is held to in full. Throws WAREHOUSE_ERROR where a mode is none, or would be less than it says.
 */
export function withLibpqTls(url: string): string {
  const { searchParams } = new URL(url);
  const mode = searchParams.get('sslmode');
  const authority = searchParams.get('sslrootcert');
  if (mode !== null && !MODES.includes(mode)) {
    const known = MODES.filter(name => name !== 'no-verify').join(', ');
    throw wrong(`sslmode must be one of: ${known} (not ${JSON.stringify(mode.slice(0, 40))})`);
  }
  if (mode === 'verify-ca' && authority === null) {
    throw wrong("sslmode=verify-ca needs sslrootcert: any public authority's certificate would do otherwise");
  }
  // libpq's word for the authorities that the system trusts, which is what the driver does where none is named.
  const read = authority === 'system' ? without(url, 'sslrootcert') : url;
  if (mode === null || mode === 'no-verify' || searchParams.has('uselibpqcompat')) return read;
  return `${read}&uselibpqcompat=true`;
}

/** All else stays as it was written: a password need not be what a URL makes of it. */
function without(url: string, name: string): string {
  const at = url.indexOf('?');
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter(part => !part.startsWith(`${name}=`));
  return kept.length > 0 ? `${url.slice(0, at)}?${kept.join('&')}` : url.slice(0, at);
}

function wrong(message: string): PackError {
  return new PackError('WAREHOUSE_ERROR', `the destination's url: ${message}`);
}
