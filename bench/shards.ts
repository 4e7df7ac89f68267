// A limit too hot for one item, split into shards: a simulation, since no database is needed to see whether the arithmetic holds.
// `node bench/shards.ts`. Law, checked at every call: what was admitted is never more than the limit.
//
//   treasury item   limit − everything leased        one write a lease
//   shard item      leased to it, committed, spent   three writes a call: admit, journal, settle; two of them on this item
//
// A call goes to the shard its request id falls on. A shard that cannot hold it leases a chunk from the treasury; a chunk is a share of what the
// treasury has left, so chunks shrink as the money goes. When the treasury is empty, a shard recalls what others have and do not use. A shard
// goes to the treasury so often a second at most, so that the treasury is never the hot item; a call that would have to go once more is refused.

/** What one item of DynamoDB takes, in writes a second. */
const ITEM_WRITES = 1_000;
/** How full a shard may be by design: bursts need the rest. */
const LOAD = 0.6;
const WRITES_PER_CALL = 2;
const SECONDS = 30;
const CALL_SECONDS = 2;
/** Of what the treasury has left, a lease takes one part in `2 × shards`. */
const LEASE_PARTS = 2;
const DOLLAR = 1_000_000_000_000n;
const MICRO = 1_000_000n;

type Shard = { leased: bigint; committed: bigint; writes: number; visits: number };
type Open = { shard: number; hold: bigint; cost: bigint };

type Outcome = {
  admitted: number;
  refused: number;
  leases: number;
  recalls: number;
  busiestShard: number;
  busiestTreasury: number;
  unused: bigint;
  smallestRefused: bigint;
};

/** A small generator of the same numbers every time. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function simulate(callsPerSecond: number, shardCount: number, limit: bigint, seed: number): Outcome {
  const random = createRandom(seed);
  const shards: Shard[] = Array.from({ length: shardCount }, () => ({ leased: 0n, committed: 0n, writes: 0, visits: 0 }));
  /** How often a second a shard may go to the treasury. */
  const maxVisits = Math.max(1, Math.floor((ITEM_WRITES * LOAD) / shardCount / 2));
  const ending: Open[][] = Array.from({ length: SECONDS + CALL_SECONDS + 1 }, () => []);
  const outcome: Outcome = {
    ...{ admitted: 0, refused: 0, leases: 0, recalls: 0, busiestShard: 0, busiestTreasury: 0 },
    ...{ unused: 0n, smallestRefused: limit },
  };
  let treasury = limit;
  let treasuryWrites = 0;

  const lease = (shard: Shard, needed: bigint): void => {
    const share = treasury / BigInt(LEASE_PARTS * shardCount);
    const chunk = share > needed ? share : needed;
    if (chunk > treasury || shard.visits >= maxVisits) return;
    treasury -= chunk;
    shard.leased += chunk;
    shard.writes += 1;
    shard.visits += 1;
    treasuryWrites += 1;
    outcome.leases += 1;
  };

  /** Takes back what other shards do not use until there is enough, the fullest first, and gives it to the treasury in one write. */
  const recall = (needed: bigint): void => {
    treasuryWrites += 1;
    const byRoom = shards.toSorted((one, other) => Number(other.leased - other.committed - (one.leased - one.committed)));
    for (const shard of byRoom) {
      const room = shard.leased - shard.committed;
      if (treasury >= needed || room <= 0n) return;
      shard.leased -= room;
      treasury += room;
      shard.writes += 1;
      outcome.recalls += 1;
    }
  };

  const admit = (number: number, hold: bigint): boolean => {
    const shard = shards[number]!;
    const hasRoom = () => shard.committed + hold <= shard.leased;
    const missing = () => hold - (shard.leased - shard.committed);
    if (!hasRoom()) lease(shard, missing());
    if (!hasRoom() && treasury < missing() && shard.visits < maxVisits) {
      const available = limit - shards.reduce((sum, { committed }) => sum + committed, 0n);
      // One write of a call that is bound to fail would be wasted for each shard: the sum is read first, and is the whole truth here.
      if (available < hold) return false;
      recall(missing());
      lease(shard, missing());
    }
    shard.writes += 1;
    if (!hasRoom()) return false;
    shard.committed += hold;
    return true;
  };

  for (let second = 0; second < ending.length; second += 1) {
    for (const shard of shards) Object.assign(shard, { writes: 0, visits: 0 });
    treasuryWrites = 0;
    for (const { shard, hold, cost } of ending[second]!) {
      shards[shard]!.committed += cost - hold;
      shards[shard]!.writes += 1;
    }
    for (let call = 0; second < SECONDS && call < callsPerSecond; call += 1) {
      const number = Math.floor(random() * shardCount);
      // A hold of a hundredth to five cents, of which a call really uses a part.
      const hold = MICRO * BigInt(100 + Math.floor(random() * 49_900));
      const cost = (hold * BigInt(1 + Math.floor(random() * 99))) / 100n;
      if (admit(number, hold)) {
        outcome.admitted += 1;
        ending[second + CALL_SECONDS]!.push({ shard: number, hold, cost });
      } else {
        outcome.refused += 1;
        if (hold < outcome.smallestRefused) outcome.smallestRefused = hold;
      }
    }
    const committed = shards.reduce((sum, shard) => sum + shard.committed, 0n);
    if (committed > limit) throw new Error(`More was admitted than the limit: ${committed} of ${limit}.`);
    outcome.busiestShard = Math.max(outcome.busiestShard, ...shards.map(({ writes }) => writes));
    outcome.busiestTreasury = Math.max(outcome.busiestTreasury, treasuryWrites);
  }
  outcome.unused = limit - shards.reduce((sum, { committed }) => sum + committed, 0n);
  return outcome;
}

const inDollars = (amount: bigint) => (Number(amount / MICRO) / 1e6).toFixed(4);

function row(callsPerSecond: number, limit: bigint, name: string) {
  const shardCount = Math.max(1, Math.ceil((callsPerSecond * WRITES_PER_CALL) / (ITEM_WRITES * LOAD)));
  const told = simulate(callsPerSecond, shardCount, limit, 7);
  return {
    'calls/s': callsPerSecond,
    shards: shardCount,
    limit: name,
    admitted: told.admitted,
    refused: told.refused,
    'writes/s, busiest shard': told.busiestShard,
    'writes/s, treasury': told.busiestTreasury,
    leases: told.leases,
    recalls: told.recalls,
    'left at the end, $': told.refused === 0 ? '–' : inDollars(told.unused),
    'smallest refused, $': told.refused === 0 ? '–' : inDollars(told.smallestRefused),
  };
}

/** About 2.5 cents a hold, half of it used: the second limit is reached two thirds on. */
const rows = [100, 1_000, 10_000, 100_000].flatMap((callsPerSecond) => [
  row(callsPerSecond, DOLLAR * 100_000_000n, 'far away'),
  row(callsPerSecond, (DOLLAR * BigInt(callsPerSecond * SECONDS)) / 120n, 'reached'),
]);
console.table(rows);
