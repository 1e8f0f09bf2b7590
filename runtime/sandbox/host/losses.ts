/** Remembers which tenants' workers were ended lately, and why: who needs a new worker again and again must not slow others down. */
export interface Losses {
  /** A worker was killed for what scripts of this tenant did: they took too long, too much memory, or broke the protocol. */
  killed(tenant: string): void;
  /** This tenant used a worker up lawfully: it grew too large, or was given up between two events to who waited. */
  usedUp(tenant: string): void;
  /** Workers of this tenant that were killed lately. */
  count(tenant: string): number;
  /** Whether it has had its share of the workers that are kept ready: one of its own was killed or used up lately. */
  any(tenant: string): boolean;
}

const WINDOW_MS = 60_000;
/** More are not counted: who lost so many comes last anyway. */
const MAX_COUNTED = 100;
const MAX_TENANTS = 1_000;

/** What happened longer ago than a minute is forgotten. */
export function createLosses(now: () => number = Date.now): Losses {
  const tenants = new Map<string, { kills: number[]; last: number }>();
  const since = (): number => now() - WINDOW_MS;

  const note = (tenant: string, kills: number[]): void => {
    const known = tenants.get(tenant)?.kills ?? [];
    const recent = known.filter(at => at > since()).concat(kills);
    // The last to be heard of stand last.
    tenants.delete(tenant);
    tenants.set(tenant, { kills: recent.slice(-MAX_COUNTED), last: now() });
    const [oldest] = tenants.keys();
    if (tenants.size > MAX_TENANTS && oldest !== undefined) tenants.delete(oldest);
  };

  return {
    killed: tenant => note(tenant, [now()]),
    usedUp: tenant => note(tenant, []),
    count: tenant => tenants.get(tenant)?.kills.filter(at => at > since()).length ?? 0,
    any: tenant => (tenants.get(tenant)?.last ?? Number.NEGATIVE_INFINITY) > since(),
  };
}
