/**
 * The nats-server release that kvflow downloads when the machine has none, and the checksums it is held to.
 * A platform without a checksum here is not offered: kvflow never runs what it cannot verify.
 */

/** One pinned release: its version and the sha256 of each platform's archive. */
export interface NatsRelease {
  /** Without the leading `v`. */
  version: string;
  /** By `<os>-<arch>` as the NATS project names its archives; lower-case hex. */
  sha256: Readonly<Record<string, string | undefined>>;
}

/**
 * Linux and Windows sums are those in nats-io/nats-docker (2.15.x), macOS sums those of the release's SHA256SUMS file.
 * Changing the version means changing every sum with it.
 */
export const NATS_RELEASE: NatsRelease = {
  version: '2.15.0',
  sha256: {
    'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
    'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
    'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
    'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
    'windows-amd64': '2d0861dc2ca3567d17f7d19611d7b346cc2ccbd7086a0a77cc957a2c71663200',
  },
};

/** Where the NATS project publishes its releases: `<base>/v<version>/<archive>`. */
export const RELEASE_BASE_URL = 'https://github.com/nats-io/nats-server/releases/download';

const OS_NAMES: Record<string, string | undefined> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCH_NAMES: Record<string, string | undefined> = { x64: 'amd64', arm64: 'arm64' };

/** This machine as the NATS project names it (`linux-amd64`), whether or not a release is pinned for it. */
export function releasePlatform(platform: string = process.platform, arch: string = process.arch): string {
  return `${OS_NAMES[platform] ?? platform}-${ARCH_NAMES[arch] ?? arch}`;
}
