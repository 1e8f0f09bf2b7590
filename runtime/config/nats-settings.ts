import type { NatsUrls } from './nats-url.ts';
import { natsUrls } from './nats-url.ts';
import type { Parser } from './parsers.ts';
import { existingFile, matching, text } from './parsers.ts';
import { optional } from './setting.ts';

/** Which variables say what of a NATS target. */
interface NatsVariables {
  url: string;
  user?: string;
  password?: string;
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  domain?: string;
}

/** The NATS targets: the main one, and those that take its place for one purpose. */
export const NATS_SETTINGS = {
  main: natsSettings(
    'nats',
    {
      url: 'NATS_URL',
      user: 'NATS_USER',
      password: 'NATS_PASSWORD',
      token: 'NATS_TOKEN',
      credsFile: 'NATS_CREDS_FILE',
      nkeyFile: 'NATS_NKEY_FILE',
      caFile: 'NATS_TLS_CA',
      certFile: 'NATS_TLS_CERT',
      keyFile: 'NATS_TLS_KEY',
      domain: 'NATS_JS_DOMAIN',
    },
    {
      about:
        'servers, separated by commas: `nats://host:4222`, `tls://host`, `nats://user:password@host`, `nats://token@host`',
      shows: 'none: embedded',
    },
  ),
  transform: natsSettings(
    'transform.nats',
    { url: 'TRANSFORM_NATS_URL' },
    {
      about: 'a separate NATS for the state of scripts',
      shows: 'the main NATS',
    },
  ),
  recognition: natsSettings(
    'users_recognition.nats',
    { url: 'USER_RECOGNITION_NATS_URL' },
    {
      about: 'a separate NATS for anonymous events',
      shows: 'the main NATS',
    },
  ),
};

/** The settings of one NATS target. */
export type NatsSettingTable = ReturnType<typeof natsSettings>;

function natsSettings(key: string, env: NatsVariables, urls: { about: string; shows: string }) {
  const at = <T>(
    name: string,
    variable: string | undefined,
    parse: Parser<T>,
    about: string,
    secret?: true,
  ) =>
    optional({
      key: `${key}.${name}`,
      parse,
      about,
      ...(variable && { env: variable }),
      ...(secret && { secret }),
    });
  return {
    url: {
      ...at<NatsUrls>('url', env.url, natsUrls, urls.about, true),
      shows: urls.shows,
    },
    user: at('user', env.user, text, 'wins over the one in the URL', true),
    password: at('password', env.password, text, 'wins over the one in the URL', true),
    token: at('token', env.token, text, 'instead of user and password', true),
    credsFile: at('creds_file', env.credsFile, existingFile, 'path of a `.creds` file'),
    nkeyFile: at('nkey_file', env.nkeyFile, existingFile, 'path of an nkey seed'),
    caFile: at(
      'tls_ca',
      env.caFile,
      existingFile,
      "path of the PEM file of who signed the server's certificate",
    ),
    certFile: at('tls_cert', env.certFile, existingFile, 'path of the PEM file of a certificate of our own'),
    keyFile: at('tls_key', env.keyFile, existingFile, 'path of the PEM file of its key'),
    domain: at(
      'js_domain',
      env.domain,
      matching(/^[^\s.*>]+$/, 'one word without dots, spaces or wildcards'),
      "JetStream domain to work in; the server's own where none is said",
    ),
  };
}
