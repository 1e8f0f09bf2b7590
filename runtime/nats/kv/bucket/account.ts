import type { KvAccountInfoOutput, Quota, StorageQuota } from '../../../../contract/types.gen.ts';
import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';

/** Usage and limits as the server tells them (io.nats.jetstream.api.v1.account_info_response). */
interface Usage {
  memory: number;
  storage: number;
  reserved_memory?: number;
  reserved_storage?: number;
  streams: number;
  consumers: number;
  limits: { max_memory: number; max_storage: number; max_streams: number; max_consumers: number };
}

interface AccountAnswer extends Usage {
  domain?: string;
  tiers?: Record<string, Usage>;
}

type Figures = Omit<KvAccountInfoOutput, 'domain' | 'tiers'>;

/** Asks the server for the account's usage and limits. */
export async function accountInfo(api: JsApi, call: Call): Promise<KvAccountInfoOutput> {
  const answer = await api.ask<AccountAnswer>(call, 'INFO', undefined, 'the account');
  const tiers = Object.entries(answer.tiers ?? {}).map(([name, usage]) => ({ name, ...figures(usage) }));
  // An account with tiers has no limits beside theirs, and the server then leaves the others at zero.
  const whole = tiers.length > 0 ? tiers.reduce<Figures>(sumOf, figures(NOTHING)) : figures(answer);
  return {
    ...(answer.domain && { domain: answer.domain }),
    ...whole,
    ...(tiers.length > 0 && { tiers }),
  };
}

const NOTHING: Usage = {
  memory: 0,
  storage: 0,
  streams: 0,
  consumers: 0,
  limits: { max_memory: 0, max_storage: 0, max_streams: 0, max_consumers: 0 },
};

function figures(usage: Usage): Figures {
  const { limits } = usage;
  return {
    file: { used: usage.storage, reserved: usage.reserved_storage ?? 0, limit: limits.max_storage },
    memory: { used: usage.memory, reserved: usage.reserved_memory ?? 0, limit: limits.max_memory },
    streams: { used: usage.streams, limit: limits.max_streams },
    consumers: { used: usage.consumers, limit: limits.max_consumers },
  };
}

function sumOf(a: Figures, b: Figures): Figures {
  const quota = (x: Quota, y: Quota): Quota => ({
    used: x.used + y.used,
    limit: x.limit < 0 || y.limit < 0 ? -1 : x.limit + y.limit,
  });
  const storage = (x: StorageQuota, y: StorageQuota): StorageQuota => ({
    ...quota(x, y),
    reserved: x.reserved + y.reserved,
  });
  return {
    file: storage(a.file, b.file),
    memory: storage(a.memory, b.memory),
    streams: quota(a.streams, b.streams),
    consumers: quota(a.consumers, b.consumers),
  };
}
