import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { exampleCalls } from '../support/example-calls.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { registry, startKvflow, startWithServer } from '../support/kvflow.ts';
import type { Step } from './transport-steps.ts';
import { STEPS } from './transport-steps.ts';

/** A transport that is open for calls. */
export interface OpenTransport extends AsyncDisposable {
  /** Sends one call and answers the envelope, whatever form the transport gives it. */
  call(name: string, input: unknown): Promise<Envelope>;
}

/** A transport under test. */
export interface TransportSubject {
  /** Such as `http`. */
  name: string;
  /** Opens it on a NATS that is empty: beside `kvflow`, or as processes of its own that join `natsUrl`. */
  open(stage: { kvflow: TestKvflow; natsUrl: string }): Promise<OpenTransport>;
  /** Whether a call can be made through it at all, with good reason where not; every call can by default. */
  takes?(name: string, input: unknown): boolean;
  /** The examples of every function pass through another subject that is the same for them. */
  isBrief?: boolean;
}

/**
 * What every transport must hold: the same calls, good and bad, one after the other on a NATS of its own, are answered
 * with the same envelopes as by invoke itself.
 */
export function testTransport(subject: TransportSubject): void {
  const reference = referenceFor(subject.takes);
  describe(subject.name, () => {
    let kvflow: Awaited<ReturnType<typeof startWithServer>>;
    let transport: OpenTransport;
    beforeAll(async () => {
      kvflow = await startWithServer({ adminLog: true });
      transport = await subject.open({ kvflow, natsUrl: kvflow.server.url });
    });
    afterAll(async () => {
      await transport?.[Symbol.asyncDispose]();
      await kvflow?.[Symbol.asyncDispose]();
    });

    const compare = async (what: string, steps: Step[]): Promise<void> => {
      const taken = steps.filter(([name, input]) => subject.takes?.(name, input) !== false);
      const expected = await reference(what, taken);
      for (const [index, [name, input]] of taken.entries()) {
        expect({ name, input, envelope: plain(await transport.call(name, input)) }).toEqual({
          name,
          input,
          envelope: expected[index],
        });
      }
    };

    for (const [what, steps] of Object.entries(STEPS)) {
      test(`transport ${subject.name} - ${what}`, () => compare(what, steps));
    }
    for (const { name, steps } of subject.isBrief ? [] : exampleSteps()) {
      test(`transport ${subject.name} - the examples of ${name}`, () => compare(name, steps));
    }
  });
}

/** What invoke itself answers to the steps of that name, the same for every transport that takes the same calls: it is asked once. */
type Reference = (what: string, steps: Step[]) => Promise<unknown[]>;

const references = new Map<TransportSubject['takes'], Reference>();

function referenceFor(takes: TransportSubject['takes']): Reference {
  const known = references.get(takes) ?? createReference();
  references.set(takes, known);
  return known;
}

function createReference(): Reference {
  let starting: ReturnType<typeof startKvflow> | undefined;
  const answered = new Map<string, Promise<unknown[]>>();
  // Of the whole file, for it is made outside of any `describe`'s hooks.
  afterAll(async () => (await starting)?.[Symbol.asyncDispose]());
  return (what, steps) => {
    const answers = answered.get(what) ?? answer(steps);
    answered.set(what, answers);
    return answers;
  };

  async function answer(steps: Step[]): Promise<unknown[]> {
    starting ??= startKvflow({ adminLog: true });
    const { invoke } = await starting;
    const answers: unknown[] = [];
    for (const [name, input] of steps) answers.push(plain(await invoke(name, input)));
    return answers;
  }
}

function exampleSteps(): { name: string; steps: Step[] }[] {
  const functions = registry.list().filter(({ category }) => category === 'kv');
  return functions.map(({ name, examples }) => ({
    name,
    steps: examples.flatMap((example, index) => exampleCalls(name, example, `${name}-${index}`)),
  }));
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/**
 * As it is on the wire, any time standing for any other, and so when a bucket was made and what a listing is called. Who calls
 * is another by each transport, and is stored.
 */
function plain(envelope: Envelope): unknown {
  const text = JSON.stringify(envelope)
    .replaceAll(TIME, '<time>')
    .replace(/"next_id":"(\d+)-[0-9a-z]+"/g, '"next_id":"$1-<bucket>"')
    .replace(/"history_of":"([^".]+)\.[0-9a-z]+"/g, '"history_of":"$1.<bucket>"')
    .replace(/,"by":\{[^}]*\}/g, '')
    .replace(/"(\w*bytes|used)":\d+/g, '"$1":"<bytes>"')
    .replace(/"cursor":"c1\.[^."]+\.(\d+)\.[^."]+\.(\d+)"/g, '"cursor":"c1.<bucket>.$1.<listing>.$2"');
  return JSON.parse(text);
}
