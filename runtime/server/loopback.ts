const IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

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

/** Whether an `Origin` header names a page of this machine. `null` does not: any sandboxed page may send that. */
export function isLoopbackOrigin(origin: string): boolean {
  const match = /^https?:\/\/([^/]+)$/.exec(origin);
  return isLoopbackAuthority(match?.[1]);
}
