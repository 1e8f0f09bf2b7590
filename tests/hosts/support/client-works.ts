/** What tests of @kvflow/client do over HTTP and over NATS. */
import type { Change, Client } from '../../../hosts/client/src/index.ts';
import { expectHostValues, SCALARS } from '../../support/host-values.ts';
import type { TestKvflow } from '../../support/kvflow.ts';

/** The first changes of a watch, which ends behind them. */
export async function all(watch: AsyncGenerator<Change>, count: number): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of watch) if (changes.push(change) === count) break;
  return changes;
}

/** Bytes go as base64; numbers and booleans, which the types do not take, are refused. */
export async function valuesThrough(
  kvflow: TestKvflow,
  host: string,
  client: Pick<Client, 'kvKeyPut'>,
): Promise<void> {
  const put = (key: string, value: unknown) =>
    client.kvKeyPut({
      bucket: 'values',
      key,
      ...(Buffer.isBuffer(value)
        ? { value: value.toString('base64'), encoding: 'base64' }
        : { value: value as string }),
    });
  await expectHostValues({
    kvflow,
    host,
    put,
    without: ['a Map', 'a Set'],
    refused: [...SCALARS, 'a BigInt'],
  });
}
