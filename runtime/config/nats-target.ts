import type { NatsTarget } from '../../contract/nats-target.ts';
import type { NatsSettingTable } from './nats-settings.ts';
import type { Problems } from './problems.ts';
import type { ValuesOf } from './setting.ts';

type NatsValues = ValuesOf<NatsSettingTable>;

/** Joins what the settings of a NATS say; undefined where no server is named. */
export function natsTarget(at: string, values: NatsValues, problems: Problems): NatsTarget | undefined {
  const { url, credsFile, nkeyFile, caFile, certFile, keyFile, domain } = values;
  if (!url) return undefined;
  const identity = identityOf(values);
  const ways = [identity.user, identity.token, credsFile, nkeyFile].filter(way => way !== undefined);
  if (ways.length > 1)
    problems.add(`${at}: give one of user and password, token, creds file or nkey file, not several`);
  if (identity.password !== undefined && identity.user === undefined)
    problems.add(`${at}: a password needs a user`);
  if (!certFile !== !keyFile)
    problems.add(`${at}: a TLS certificate and its key come together, one of them is missing`);
  const tls = defined({ caFile, certFile, keyFile });
  return {
    servers: url.servers,
    ...identity,
    ...defined({ credsFile, nkeyFile, domain }),
    ...((url.tls || Object.keys(tls).length > 0) && { tls }),
  };
}

/** Names what is set for a NATS that is not: it has no effect, and that is seldom meant. */
export function idleSettings(table: NatsSettingTable, values: NatsValues): string[] {
  if (values.url) return [];
  const names = Object.keys(table) as (keyof NatsSettingTable)[];
  return names.filter(name => values[name] !== undefined).map(name => table[name].env ?? table[name].key);
}

/** Settings of their own win over what the URL says. */
function identityOf({
  url,
  user,
  password,
  token,
}: NatsValues): Pick<NatsTarget, 'user' | 'password' | 'token'> {
  if (user ?? token ?? undefined) return defined({ user, password, token });
  return defined({ user: url?.user, password: password ?? url?.password, token: url?.token });
}

function defined<T extends object>(object: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
