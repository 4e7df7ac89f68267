// One client's run: a gateway of its own, whose model speaks slowly enough to be left in the middle, one key for all that is paid for,
// and the reckoning at the end. Law: what the keys were charged is what the stand-in counted, at the prices of the lists.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { parseUsd } from '../../functions/core/platform/money.ts';
import { type EntryView, type Gateway, type KeyView, startGateway } from '../support/gateway.ts';

type Prices = { input: bigint; output: bigint; cacheRead: bigint; cacheWrite: bigint };
type Counts = { inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWriteTokens: number };

/** Picodollars per token by target, copied by hand from the price lists: the catalog is among what they check. */
const PRICES: [RegExp, Prices][] = [
  [
    /^global\.anthropic\.claude-sonnet-4-5-|^standin\./,
    { input: 3_000_000n, output: 15_000_000n, cacheRead: 300_000n, cacheWrite: 3_750_000n },
  ],
  [/^global\.amazon\.nova-2-lite-/, { input: 300_000n, output: 2_500_000n, cacheRead: 75_000n, cacheWrite: 300_000n }],
  [/^us\.deepseek\.r1-/, { input: 1_350_000n, output: 5_400_000n, cacheRead: 1_350_000n, cacheWrite: 1_350_000n }],
  [/^openai\.gpt-oss-120b-/, { input: 150_000n, output: 600_000n, cacheRead: 150_000n, cacheWrite: 150_000n }],
  [/^cohere\.embed-multilingual-v3$/, { input: 100_000n, output: 0n, cacheRead: 0n, cacheWrite: 0n }],
];
const NO_COUNTS: Counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const LOOPBACK = /^(localhost|127\.0\.0\.1|::1)$/;

export type ClientRun = Awaited<ReturnType<typeof startClientRun>>;

export async function startClientRun() {
  const hosts = watchHosts();
  const gateway = await startGateway({ tokenMs: 1 });
  const key = await gateway.makeKey();
  const keys = [key];
  let sent = 0;
  const count: typeof fetch = (input, init) => {
    sent += 1;
    return fetch(input, init);
  };

  return {
    gateway,
    key,
    baseURL: `${gateway.url}/v1`,
    /** For clients to send with: counts what they send, their own retries too. */
    fetch: count,

    /** How many requests the client sent while it did this. */
    async sentBy(work: () => Promise<unknown>): Promise<number> {
      const before = sent;
      await work();
      return sent - before;
    },

    /** Another key of this run, such as one without money. */
    async makeKey(fields: Record<string, unknown>): Promise<KeyView> {
      keys.push(await gateway.makeKey(fields));
      return keys.at(-1)!;
    },

    /** Waits until the stand-in has begun an answer and goes on with it: until it has said more than when asked. */
    async untilSpeaking(): Promise<void> {
      const before = gateway.standin.tally().outputTokens;
      await expect.poll(() => gateway.standin.tally().outputTokens, { interval: 2 }).toBeGreaterThan(before);
    },

    /** Leaves an answer in the middle; says whether the model was still speaking then, and was heard to the end all the same. */
    async leave(work: () => Promise<unknown>): Promise<{ saidAtLeave: number; saidInAll: number }> {
      const before = gateway.standin.tally().outputTokens;
      await work();
      const saidAtLeave = gateway.standin.tally().outputTokens - before;
      await settled(gateway, keys);
      return { saidAtLeave, saidInAll: gateway.standin.tally().outputTokens - before };
    },

    expectExactCharges: () => expectExactCharges(gateway, keys),
    hosts: () => [...hosts.heard].filter((host) => !LOOPBACK.test(host)),

    async close(): Promise<void> {
      hosts.stop();
      await gateway.close();
    },
  };
}

async function settled(gateway: Gateway, keys: KeyView[]): Promise<void> {
  const held = async () => Promise.all(keys.map(async ({ id }) => (await gateway.readKey(id)).held));
  await expect.poll(held, { timeout: 20_000 }).toEqual(keys.map(() => '0'));
}

/** Exact where the model told its usage. Of a stream that broke nobody knows it: at least what the stand-in had said, and marked as estimated. */
async function expectExactCharges(gateway: Gateway, keys: KeyView[]): Promise<void> {
  await settled(gateway, keys);
  const entries: EntryView[] = [];
  for (const { id } of keys) {
    const own = await gateway.journalOf(id);
    const { spent, remaining, monthlyBudget } = await gateway.readKey(id);
    const sum = sumOf(own);
    const left = parseUsd(String(monthlyBudget))! - sum;
    expect([spent.month, spent.lifetime, remaining].map((amount) => parseUsd(amount!))).toEqual([sum, sum, left]);
    entries.push(...own);
  }
  const { byModel, requests } = gateway.standin.tally();
  const refused = entries.filter(({ status, estimated }) => status !== 'succeeded' && !estimated);
  for (const { status, cost } of refused) expect([status, cost]).toEqual(['failed', '0']);
  const billed = entries.filter(({ status, estimated }) => status === 'succeeded' || estimated);
  expect(billed.length).toBeGreaterThan(0);
  expect(billed).toHaveLength(requests);

  const broken = new Set(entries.filter(({ estimated }) => estimated).map(({ target }) => String(target)));
  const targets = [...new Set([...Object.keys(byModel), ...entries.map(({ target }) => String(target))])];
  const exact = targets.filter((target) => !broken.has(target));
  const chargedFor = (target: string) => sumOf(entries.filter((entry) => entry.target === target));
  const countedFor = (target: string) => costOf(byModel[target] ?? NO_COUNTS, target);
  expect(exact.map((target) => [target, chargedFor(target)])).toEqual(exact.map((target) => [target, countedFor(target)]));
  expect([...broken].filter((target) => !target.includes('.fault-'))).toEqual([]);
  for (const target of broken) expect(chargedFor(target)).toBeGreaterThanOrEqual(countedFor(target));
}

function sumOf(entries: EntryView[]): bigint {
  return entries.reduce((sum, { cost }) => sum + parseUsd(cost)!, 0n);
}

function costOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Counts, target: string): bigint {
  const prices = PRICES.find(([pattern]) => pattern.test(target))?.[1];
  if (!prices) throw new Error(`Write the price of ${target} into the list.`);
  return (
    BigInt(inputTokens) * prices.input +
    BigInt(outputTokens) * prices.output +
    BigInt(cacheReadTokens) * prices.cacheRead +
    BigInt(cacheWriteTokens) * prices.cacheWrite
  );
}

/** The names and addresses this process tried to connect to: a client that calls home is noticed, on a machine without a network too. */
function watchHosts() {
  const heard = new Set<string>();
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('lookup', (_error, _address, _family, host: string) => heard.add(host));
    socket.on('connectionAttempt', (address: string) => heard.add(address));
  };
  subscribe('net.client.socket', watch);
  return { heard, stop: () => unsubscribe('net.client.socket', watch) };
}
