const IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;
/** A target that begins with a scheme, and its authority, a user's name in it included. */
const ABSOLUTE = /^[a-z][a-z\d+.-]*:[/\\]{0,2}([^/\\?#]*)/i;

/** Whether listening on this host serves this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'localhost' || name === '::1' || name === '[::1]' || IPV4.test(name.replace(/^::ffff:/, ''))
  );
}

/** Whether a `Host` header names this machine; its port does not matter. */
export function isLoopbackAuthority(host: string | undefined): boolean {
  return host !== undefined && HOST.test(host);
}

/**
 * The host that a request is for: of a target in absolute form (`GET http://host/path`) the target's, whatever its Host header
 * says (RFC 9112, 3.2.2).
 */
export function targetAuthority(url: string | undefined, host: string | undefined): string | undefined {
  return ABSOLUTE.exec(url ?? '')?.[1] ?? host;
}

/** Whether an `Origin` header names a page of this machine. `null` does not: any sandboxed page may send that. */
export function isLoopbackOrigin(origin: string): boolean {
  const match = /^https?:\/\/([^/]+)$/.exec(origin);
  return isLoopbackAuthority(match?.[1]);
}
