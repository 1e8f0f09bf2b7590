import type { Example } from '../../runtime/core/manifest.ts';

/** A function and its input. */
export type ExampleCall = [name: string, input: unknown];

/**
 * The calls of an example, the one that it is about last, on buckets of their own. Not on one that was deleted before:
 * nats-server 2.15.1 now and then brings messages of a deleted stream back when one of its name is made right away.
 */
export function exampleCalls(name: string, { given = [], input }: Example, suffix: string): ExampleCall[] {
  const calls: ExampleCall[] = [
    ...given.map((call): ExampleCall => [call.function, call.input]),
    [name, input],
  ];
  const made = calls.filter(([called]) => called === 'kv-bucket-create').map(([, options]) => options);
  let text = JSON.stringify(calls);
  for (const { bucket } of made as { bucket: string }[]) {
    text = text.replaceAll(JSON.stringify(bucket), JSON.stringify(`${bucket}-${suffix}`));
  }
  return JSON.parse(text) as ExampleCall[];
}
