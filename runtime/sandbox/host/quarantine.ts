import type { ErrorCode } from '../../../contract/errors.ts';
import type { ScriptFault } from '../types.ts';

/** Refuses, for a while, scripts that keep killing their worker. */
export interface Quarantine {
  /** Counts one killed worker against a script. */
  strike(script: string, code: ErrorCode): void;
  /** The answer for a quarantined script, undefined when it may run. */
  refusal(script: string): ScriptFault | undefined;
  /** Scripts in quarantine now. */
  size(): number;
}

const STRIKES = 3;
const WINDOW_MS = 60_000;
const MAX_TRACKED = 10_000;

interface Record {
  strikes: number[];
  code: ErrorCode;
  until: number;
}

/** Three killed workers within a minute put a script into quarantine for `quarantineMs`. */
export function createQuarantine(quarantineMs: number, now: () => number = Date.now): Quarantine {
  const records = new Map<string, Record>();
  const isQuarantined = (record: Record): boolean => record.until > now();

  return {
    strike(script, code) {
      const record = records.get(script) ?? { strikes: [], code, until: 0 };
      record.code = code;
      record.strikes = [...record.strikes.filter(at => at > now() - WINDOW_MS), now()];
      if (record.strikes.length >= STRIKES) record.until = now() + quarantineMs;
      records.delete(script);
      records.set(script, record);
      const [oldest] = records.keys();
      if (records.size > MAX_TRACKED && oldest !== undefined) records.delete(oldest);
    },
    refusal(script) {
      // Asked once for each event: nearly always there is nothing to look up.
      const record = records.size === 0 ? undefined : records.get(script);
      if (!record || !isQuarantined(record)) return undefined;
      const retry_after_ms = record.until - now();
      const seconds = Math.ceil(retry_after_ms / 1000);
      const message = `The event was not run: its script ended its worker ${STRIKES} times within a minute (${record.code}) and is refused for ${seconds} more seconds. Fix what runs too long or takes too much memory, then send the event again.`;
      // The name that callers know.
      return { code: 'RATE_LIMITED', message, limit: 'parked', retry_after_ms };
    },
    size: () => [...records.values()].filter(isQuarantined).length,
  };
}
