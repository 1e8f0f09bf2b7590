import { PackError } from '../../../contract/errors.ts';

/** What goes into the embedded server's configuration. */
export interface NatsConfig {
  /** A port, or -1 to let the server pick one. */
  port: number;
  user: string;
  password: string;
  storeDir: string;
  /** Where the server writes down which port it listens on. */
  portsDir: string;
  logFile: string;
  /** `always`, or a duration such as `1s`. */
  sync: string;
}

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

/** The configuration file's text. JSON's strings are read by nats-server as they are meant, backslashes included. */
export function natsConfig(config: NatsConfig): string {
  const text = JSON.stringify;
  return `# Written by kvflow at every start: changes made here are lost.
server_name: kvflow
host: "127.0.0.1"
port: ${config.port}
max_payload: 8MB
authorization { user: ${text(config.user)}, password: ${text(config.password)} }
jetstream { store_dir: ${text(config.storeDir)}, sync_interval: ${text(config.sync)} }
ports_file_dir: ${text(config.portsDir)}
log_file: ${text(config.logFile)}
logfile_size_limit: 4MB
logfile_max_num: 2
`;
}

/**
 * Checks a sync setting: `always`, or a duration above zero in nats-server's form, such as `1s`, `500ms` or `2m`.
 * @throws PackError INVALID_INPUT.
 */
export function checkSync(sync: string): string {
  if (sync === 'always' || (DURATION.test(sync) && /[1-9]/.test(sync))) return sync;
  const message = `KVFLOW_SYNC is "${sync}": use "always" (what is acknowledged is on disk) or a time between syncs such as "1s", "500ms" or "2m".`;
  throw new PackError('INVALID_INPUT', message);
}
