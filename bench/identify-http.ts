import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';
import type { TestEvent } from '../tests/support/identify.ts';
import { natsServerPath } from '../tests/support/nats-binary.ts';
import { startPostgres } from '../tests/support/warehouses/postgres.ts';
import type { Figure } from './measure.ts';
import { median, time } from './measure.ts';
import { columnsOf, insertByHand, pageView, userOf } from './page-views.ts';
import { DURABLE } from './warehouse-stage.ts';

/** A busy machine may do with fewer. */
const EVENTS = Number(process.env.KVFLOW_BENCH_EVENTS ?? 100_000);
const VISITORS = EVENTS / 10;
const BATCH = 500;
const ROUNDS = 3;
const ALLOWED_MIB = 250;

/**
 * Events of many visitors, then a login of each, sent over HTTP to a kvflow that runs as it is installed, every write on disk
 * before it is acknowledged; against the INSERTs and UPDATEs that somebody would write by hand, from the same process. The
 * note tells what the memory of kvflow came to.
 */
export async function identifyHttp(): Promise<Figure> {
  process.env.NATS_SERVER_BIN = await natsServerPath();
  await using postgres = await startPostgres(DURABLE);
  const url = await postgres.database('bench');
  await using place = await makePlace();
  const warehouse = { type: 'postgres', url, table: 'events', primary_key_fields: ['event_id'] };
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify({ destinations: { warehouse } }));
  const kvflow = await place.start({
    main: join(import.meta.dirname, '../bin/kvflow.js'),
  });
  const client = new pg.Client(url);
  await client.connect();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const send = (events: TestEvent[]) =>
      identify(`${kvflow.url}/functions/identify/invocations`, events, agent);
    await send([pageView('first', 'first', userOf(0))]);
    const columns = await columnsOf(client);
    await client.query('CREATE TABLE by_hand (LIKE events INCLUDING ALL)');
    await client.query('CREATE INDEX ON by_hand (user_anonymous_id)');
    const pairs: { ours: number; baseline: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const baseline = (EVENTS / (await time(() => byHand(client, columns, round)))) * 1_000;
      const ours = (EVENTS / (await time(() => overHttp(send, round)))) * 1_000;
      // The first is for the tables, the plans and the compiler.
      if (round > 0) pairs.push({ ours, baseline });
    }
    const mib = await peakMiB(kvflow.child.pid);
    return {
      value: median(pairs.map(({ ours }) => ours)),
      unit: 'events/s',
      baseline: median(pairs.map(({ baseline }) => baseline)),
      ratio: median(pairs.map(({ ours, baseline }) => ours / baseline)),
      note: `most memory of kvflow ${mib.toFixed(0)} MiB, ${ALLOWED_MIB} are allowed`,
    };
  } finally {
    agent.destroy();
    await client.end();
  }
}

function* batches(round: number): Generator<TestEvent[]> {
  for (let at = 0; at < EVENTS; at += BATCH)
    yield Array.from({ length: BATCH }, (_, i) =>
      pageView(`${round}-${at + i}`, `${round}-v${(at + i) % VISITORS}`),
    );
}

function* logins(round: number): Generator<TestEvent[]> {
  for (let at = 0; at < VISITORS; at += BATCH)
    yield Array.from({ length: BATCH }, (_, i) =>
      pageView(`${round}-login-${at + i}`, `${round}-v${at + i}`, userOf(at + i)),
    );
}

async function overHttp(
  send: (events: TestEvent[]) => Promise<{ amended: number }>,
  round: number,
): Promise<void> {
  for (const batch of batches(round)) await send(batch);
  let amended = 0;
  for (const batch of logins(round)) amended += (await send(batch)).amended;
  if (amended !== EVENTS) throw new Error(`${amended} rows were amended, not ${EVENTS}`);
}

async function byHand(client: pg.Client, columns: string[], round: number): Promise<void> {
  const how = { columns, size: BATCH, table: 'by_hand' };
  for (const batch of batches(round)) await insertByHand(client, how, batch);
  let updated = 0;
  for (const [turn, batch] of [...logins(round)].entries()) {
    await insertByHand(client, how, batch);
    const visitors = batch.map((_, i) => `${round}-v${turn * BATCH + i}`);
    const users = batch.map((_, i) => userOf(turn * BATCH + i));
    const { rowCount } = await client.query({
      name: 'update',
      text: `UPDATE by_hand SET user_id = new.id, user_email = new.email
        FROM unnest($1::text[], $2::text[], $3::text[]) AS new(visitor, id, email)
        WHERE by_hand.user_anonymous_id = new.visitor AND user_id IS NULL AND user_email IS NULL`,
      values: [visitors, users.map(({ id }) => id), users.map(({ email }) => email)],
    });
    updated += rowCount ?? 0;
  }
  if (updated !== EVENTS) throw new Error(`${updated} rows were updated, not ${EVENTS}`);
}

function identify(url: string, events: TestEvent[], agent: Agent): Promise<{ amended: number }> {
  const body = Buffer.from(JSON.stringify({ destination: 'warehouse', events, include_events: false }));
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const outgoing = request(url, { method: 'POST', agent, headers }, answer => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode === 200) resolve((JSON.parse(text) as { data: { amended: number } }).data);
        else reject(new Error(`status ${answer.statusCode}: ${text}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Linux tells it; elsewhere it is not measured. */
async function peakMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(status.match(/VmHWM:\s+(\d+)/)?.[1] ?? Number.NaN) / 1024;
}
