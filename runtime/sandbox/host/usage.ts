import { PackError } from '../../../contract/errors.ts';
import type { ScriptFault, UsageLimits } from '../types.ts';

/** Counts what scripts use up: of each call against its bounds, and of each tenant against what it may have in a minute. */
export interface Usage {
  /** Lets a call in. Throws RATE_LIMITED with `retry_after_ms` while its tenant has used up its minute. */
  enter(tenant: string): CallUsage;
}

/** What one call has used. */
export interface CallUsage {
  /** Its scripts had the processor for so long; the fault that ends the call where that is too long. */
  spendCpu(ms: number): ScriptFault | undefined;
  /** Its scripts asked `$kv` for so much; the fault where that is too much. */
  spendKv(operations: number): ScriptFault | undefined;
}

const MINUTE_MS = 60_000;
const LONGEST_NAME = 100;
const MAX_TENANTS = 1_000;

/** No bound of a minute unless one is asked for: workers are shared out among tenants anyway. */
export const DEFAULT_USAGE: UsageLimits = {
  cpuMsPerCall: 60_000,
  kvPerCall: 100_000,
  cpuMsPerMinute: 0,
  kvPerMinute: 0,
};

/** What is used beyond a minute's share is made good by waiting: shares come back bit by bit. */
export function createUsage(limits: UsageLimits, now: () => number = Date.now): Usage {
  const tenants = new Map<string, { cpu: Share; kv: Share }>();

  const shareOf = (tenant: string) => {
    const known = tenants.get(tenant);
    if (known) return known;
    if (tenants.size >= MAX_TENANTS)
      for (const [name, { cpu, kv }] of tenants) if (cpu.isWhole() && kv.isWhole()) tenants.delete(name);
    const made = { cpu: createShare(limits.cpuMsPerMinute, now), kv: createShare(limits.kvPerMinute, now) };
    tenants.set(tenant, made);
    return made;
  };

  return {
    enter(tenant) {
      const own = shareOf(tenant);
      const [cpuWait, kvWait] = [own.cpu.waitMs(), own.kv.waitMs()];
      if (cpuWait > 0) throw busy(tenant, `processor time (${limits.cpuMsPerMinute} ms a minute)`, cpuWait);
      if (kvWait > 0) throw busy(tenant, `$kv operations (${limits.kvPerMinute} a minute)`, kvWait);
      let cpuMs = 0;
      let operations = 0;
      return {
        spendCpu(ms) {
          cpuMs += ms;
          own.cpu.take(ms);
          return cpuMs > limits.cpuMsPerCall
            ? tooMuch('call_cpu_ms', `had the processor for ${limits.cpuMsPerCall} ms`)
            : undefined;
        },
        spendKv(count) {
          operations += count;
          own.kv.take(count);
          return operations > limits.kvPerCall
            ? tooMuch('call_kv_operations', `made ${limits.kvPerCall} $kv operations`)
            : undefined;
        },
      };
    },
  };
}

interface Share {
  take(amount: number): void;
  /** Until there is something again, in ms; 0: there is. */
  waitMs(): number;
  /** Nothing of it was used lately. */
  isWhole(): boolean;
}

function createShare(perMinute: number, now: () => number): Share {
  let used = 0;
  let at = now();
  const level = (): number => {
    const time = now();
    used = Math.max(0, used - ((time - at) * perMinute) / MINUTE_MS);
    at = time;
    return used;
  };
  if (perMinute === 0) return { take: () => undefined, waitMs: () => 0, isWhole: () => true };
  return {
    take(amount) {
      used = level() + amount;
    },
    waitMs: () => Math.max(0, Math.ceil(((level() - perMinute) * MINUTE_MS) / perMinute)),
    isWhole: () => level() === 0,
  };
}

function busy(tenant: string, what: string, waitMs: number): PackError {
  return new PackError(
    'RATE_LIMITED',
    `transform: "${tenant.slice(0, LONGEST_NAME)}" has used up its ${what}; try again later.`,
    { details: { retry_after_ms: waitMs } },
  );
}

function tooMuch(limit: string, what: string): ScriptFault {
  const message = `The scripts of this call have ${what}, the most that one call may. Send fewer events in one call, or do less for each.`;
  return { code: 'PAYLOAD_TOO_LARGE', message, limit };
}
