/** Log-in by JWT, as `nsc` sets it up: an operator, an account, and a user whose creds file is the log-in. */
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';

/** What a NATS server and a client of it are configured with. */
export interface Creds {
  /** Lines of nats-server's configuration. */
  config: string;
  /** The text of a creds file. */
  file: string;
}

const NO_LIMIT = -1;
const LIMITS = {
  ...{ subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, imports: NO_LIMIT, exports: NO_LIMIT },
  ...{ wildcards: true, conn: NO_LIMIT, leaf: NO_LIMIT },
  ...{ mem_storage: NO_LIMIT, disk_storage: NO_LIMIT, streams: NO_LIMIT, consumer: NO_LIMIT },
};

/** Makes all of it, new each time. */
export function makeCreds(): Creds {
  const [operator, system, account, user] = [
    createOperator(),
    createAccount(),
    createAccount(),
    createUser(),
  ];
  const claims = { subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, pub: {}, sub: {} };
  const operatorJwt = signed(operator, operator, { type: 'operator', system_account: system.getPublicKey() });
  const { mem_storage: _m, disk_storage: _d, streams: _s, consumer: _c, ...ofSystem } = LIMITS;
  const accounts = [
    [system.getPublicKey(), signed(operator, system, { type: 'account', limits: ofSystem })],
    [account.getPublicKey(), signed(operator, account, { type: 'account', limits: LIMITS })],
  ];
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: [
      `operator: ${operatorJwt}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: {\n${accounts.map(([key, jwt]) => `${key}: ${jwt}`).join('\n')}\n}`,
    ].join('\n'),
    file: [
      '-----BEGIN NATS USER JWT-----',
      signed(account, user, { type: 'user', ...claims }),
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      seed,
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
  };
}

function signed(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = {
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...nats, version: 2 },
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims]
    .map(part => encode(JSON.stringify(part)))
    .join('.');
  return `${text}.${encode(issuer.sign(new TextEncoder().encode(text)))}`;
}

function encode(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString('base64url');
}
