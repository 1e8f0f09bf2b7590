import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { PackError } from '../../contract/errors.ts';
import { isPublicAddress } from './addresses.ts';

/** Says where kvflow may connect to on behalf of a caller. */
export interface Guard {
  /** The addresses to connect to, all of them allowed. Throws FORBIDDEN, or UNAVAILABLE where the name has none. */
  admit(target: Target): Promise<Admitted[]>;
}

/** Where a caller wants to go. */
export interface Target {
  /** A name or an address, as `URL.hostname` has it: addresses in their usual form, IPv6 in brackets. */
  hostname: string;
  port: number;
  /** The port that a rule without one allows. */
  usualPort: number;
}

/** An address that was looked up and checked: connect to it, and do not look the name up again. */
export interface Admitted {
  address: string;
  family: 4 | 6;
}

/** How a guard is set up. */
export interface GuardOptions {
  /** Such as `api.example.com`, `*.example.com` (its subdomains, not itself), `api.example.com:8443`. */
  hosts: readonly string[];
  /** What callers have to set for a host to be allowed, for messages. */
  setting: string;
  /** What stands before hosts in that setting, for messages. Default: nothing. */
  scheme?: string;
  /** Looks a name up. Default: the system's resolver. */
  resolve?: (hostname: string) => Promise<readonly string[]>;
  /** Default: {@link isPublicAddress}. */
  isAllowedAddress?: (address: string) => boolean;
}

interface Rule {
  /** With a dot before it: its subdomains. */
  name: string;
  port: number | undefined;
}

/** Only hosts that are named may be reached, and of those only under addresses of the internet. */
export function createGuard(options: GuardOptions): Guard {
  const { hosts, setting, scheme, resolve = systemResolve, isAllowedAddress = isPublicAddress } = options;
  const rules = hosts.map(toRule);
  const isNamed = ({ hostname, port, usualPort }: Target): boolean =>
    rules.some(rule => matches(rule.name, hostname) && port === (rule.port ?? usualPort));

  return {
    async admit(target) {
      const hostname = target.hostname.toLowerCase().replace(/\.$/, '');
      if (!isNamed({ ...target, hostname })) {
        const shown = `${hostname}${target.port === target.usualPort ? '' : `:${target.port}`}`;
        const as = scheme ? ` as ${scheme}${shown}` : '';
        throw forbidden(`the host ${shown} is not allowed; ${setting} has to name it${as}`);
      }
      const bare = hostname.replace(/^\[|\]$/g, '');
      const addresses = isIP(bare) ? [bare] : await resolve(bare);
      if (addresses.length === 0)
        throw new PackError('UNAVAILABLE', `the host ${hostname} has no address`, { retryable: true });
      // One that is not allowed spoils all: a name that leads inside by turns is not to be trusted.
      if (!addresses.every(isAllowedAddress))
        throw forbidden(`the host ${hostname} has an address that is not on the internet`);
      return addresses.map(address => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
    },
  };
}

function toRule(host: string): Rule {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
  return { name: name.replace(/^\*/, ''), port: port === undefined ? undefined : Number(port) };
}

function matches(rule: string, hostname: string): boolean {
  return rule.startsWith('.') ? hostname.endsWith(rule) && hostname.length > rule.length : rule === hostname;
}

async function systemResolve(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new PackError('UNAVAILABLE', `the host ${hostname} was not found`, { cause });
  }
}

function forbidden(message: string): PackError {
  return new PackError('FORBIDDEN', message);
}
