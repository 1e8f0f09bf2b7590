import type { Config } from '../config/config.ts';
import type { Runtime } from '../main.ts';
import type { Ready } from '../transports/cli/host.ts';
import type { Access } from './access.ts';
import type { OpenFlows } from './flows.ts';

/** What a server that is ready tells whoever started it. */
export function readyOf(
  config: Config,
  runtime: Runtime,
  about: Pick<Ready, 'url' | 'dashboard' | 'workers'> & { access: Access; flows: OpenFlows },
): Ready {
  const { access, flows, ...more } = about;
  return {
    ...more,
    flows: flows.installed && config.flows !== 'off',
    keysRequired: access.required(),
    dataDir: config.dataDir,
    nats: describeNats(runtime),
  };
}

function describeNats({ origin, nats }: Runtime): Ready['nats'] {
  if (origin.kind === 'embedded') return { kind: 'embedded', version: origin.version };
  return { kind: 'joined', servers: origin.settings.servers, connected: nats.connected() };
}
