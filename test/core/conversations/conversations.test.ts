// Threads and sessions on the real engines: whose they are, what they add up to, when they are forgotten, and that erased is erased.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sessionIdOf } from '../../../functions/core/conversations/session-id.ts';
import { LARGE_BYTES } from '../../../functions/core/conversations/thread-store.ts';
import { threadKey } from '../../../functions/core/store/keys.ts';
import { TABLE_NAMES } from '../../../local/tables.ts';
import { createWorld, DAY_MS, textsOf, type World } from '../../support/conversation-world.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';

describe.each(ENGINES.filter(({ missing }) => !missing))('conversations on $kind', ({ kind }) => {
  let engine: TestEngine;
  let world: World;
  let owners = 0;
  let owner: string;
  let other: string;
  beforeAll(async () => {
    engine = await startEngine(kind);
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    world = createWorld(engine.store);
    owners += 1;
    owner = `key_a${owners}`;
    other = `key_b${owners}`;
  });

  /** The text of everything of these owners that is in the table. */
  async function everything(): Promise<string> {
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: TABLE_NAMES.conversations }));
    return Items.map((item) => JSON.stringify(item))
      .filter((text) => text.includes(owner) || text.includes(other))
      .join('\n');
  }

  test('a thread comes back as it was written, with its texts', async () => {
    const texts = textsOf('ping');
    const thread = await world.log(owner, { session: 's', texts, warnings: ['w'], error: 'model_error', status: 'failed', rates: null });
    const expected = { ...thread, textsIn: 'item' };
    expect(await world.threads.findOf(owner, thread.id)).toEqual(expected);
    expect(await world.threads.findAny(thread.id)).toEqual(expected);
    expect(await world.threads.textsOf((await world.threads.findAny(thread.id))!)).toEqual(texts);
  });

  test('equal session ids of two owners never meet', async () => {
    const mine = await world.log(owner, { session: 'same', title: 'mine' });
    const theirs = await world.log(other, { session: 'same', title: 'theirs' });
    for (const [ownerId, thread, title] of [
      [owner, mine, 'mine'],
      [other, theirs, 'theirs'],
    ] as const) {
      const { items } = await world.sessions.ofOwner(ownerId, world.range());
      expect(items.map((session) => [session.title, session.threads, session.ownerId])).toEqual([[title, 1, ownerId]]);
      expect((await world.threads.ofSession(items[0]!.id, world.range())).items.map(({ id }) => id)).toEqual([thread.id]);
      expect((await world.threads.ofOwner(ownerId, world.range())).items.map(({ id }) => id)).toEqual([thread.id]);
    }
    expect(await world.threads.findOf(owner, theirs.id)).toBeUndefined();
  });

  test('a session is the sum of its threads, has the first title, and begins with its first thread', async () => {
    const first = await world.log(owner, { session: 's' });
    await world.log(owner, { session: 's', title: 'Ping' });
    const last = await world.log(owner, { session: 's', title: 'Later' });
    const id = sessionIdOf(owner, 's');
    expect(await world.sessions.find(id)).toEqual({
      id,
      ownerId: owner,
      keyId: owner,
      key: 's',
      title: 'Ping',
      threads: 3,
      tokensIn: 3 * 14,
      tokensOut: 3 * 5,
      cost: 315_000_000n,
      first: first.id,
      startedAt: first.at,
      lastAt: last.at,
      expiresAt: last.expiresAt,
    });
    // A write that is sent again, because its answer was lost, adds nothing.
    await world.sessions.add(last, 'Later');
    expect((await world.sessions.find(id))?.threads).toBe(3);
    await world.sessions.rename(id, 'Mine');
    await world.log(owner, { session: 's', title: 'Latest' });
    expect(await world.sessions.find(id)).toMatchObject({ title: 'Mine', threads: 4 });
  });

  test('a session that is not there takes no title', async () => {
    await expect(world.sessions.rename(sessionIdOf(owner, 'none'), 'x')).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.sessions.find(sessionIdOf(owner, 'none'))).toBeUndefined();
  });

  test('texts over the limit go to the store for large ones, those below stay beside the thread', async () => {
    const fits = LARGE_BYTES - Buffer.byteLength(JSON.stringify(textsOf('')));
    const small = await world.log(owner, { texts: textsOf('x'.repeat(fits)) });
    expect(world.bodies.blobs.size).toBe(0);
    const large = await world.log(owner, { texts: textsOf('x'.repeat(fits + 1)) });
    expect([...world.bodies.blobs.keys()]).toEqual([`30d/${owner}/${large.id}`]);
    expect((await everything()).length).toBeLessThan(2 * LARGE_BYTES);
    for (const { id } of [small, large]) {
      const thread = (await world.threads.findOf(owner, id))!;
      expect((await world.threads.textsOf(thread))?.messages[0]?.parts[0]).toMatchObject({ text: expect.stringMatching(/^x{99}/) });
    }
  });

  test('a thread whose large texts cannot be written is kept without them, and that is told', async () => {
    world.bodies.put = async () => {
      throw new Error('S3 is away.');
    };
    const id = world.ids('req');
    await expect(world.log(owner, { id, texts: textsOf('x'.repeat(LARGE_BYTES)) })).rejects.toThrow('S3 is away.');
    expect(await world.threads.findOf(owner, id)).toMatchObject({ textsIn: null, prompt: 'ping' });
  });

  test('every item carries the second it is forgotten at, which is not before its time', async () => {
    const thread = await world.log(owner, { session: 's', title: 't', texts: textsOf('ping'), expiresAt: world.time.now + 1_500 });
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: TABLE_NAMES.conversations }));
    const own = Items.filter(({ pk }) => pk!.S!.includes(owner) || pk!.S === thread.sessionId);
    expect(own.map(({ sk }) => sk!.S).sort()).toEqual(['SESSION', thread.id, thread.id].sort());
    for (const { expiresAt } of own) expect(expiresAt).toEqual({ N: String(Math.ceil(thread.expiresAt / 1_000)) });
  });

  test('what is past its time is shown to nobody, though it is still there', async () => {
    const thread = await world.log(owner, { session: 's', texts: textsOf('ping') });
    world.time.now = thread.expiresAt + 1_000;
    expect(await world.threads.findOf(owner, thread.id)).toBeUndefined();
    expect(await world.threads.findAny(thread.id)).toBeUndefined();
    expect(await world.sessions.find(thread.sessionId!)).toBeUndefined();
    for (const list of [world.threads.ofOwner, world.sessions.ofOwner]) expect((await list(owner, world.range())).items).toEqual([]);
    expect((await world.threads.ofSession(thread.sessionId!, world.range())).items).toEqual([]);
    expect(await engine.store.get(threadKey(owner, thread.id))).toBeDefined();
  });

  test('where the database does not forget by itself, what is expired is deleted, texts too, and nothing else', async () => {
    const old = await world.log(owner, { session: 'old', texts: textsOf('x'.repeat(LARGE_BYTES)), expiresAt: world.time.now + DAY_MS });
    const kept = await world.log(owner, { session: 'kept', texts: textsOf('secret words') });
    world.time.now += 2 * DAY_MS;
    const forgotten = await world.forgetExpired();
    expect(forgotten).toBeGreaterThanOrEqual(2);
    expect(world.bodies.blobs.size).toBe(0);
    const left = await everything();
    expect(left).not.toContain(old.id);
    expect(left).toContain('secret words');
    expect((await world.sessions.ofOwner(owner, world.range())).items.map(({ id }) => id)).toEqual([kept.sessionId]);
  });

  test('an erased thread leaves nothing of what was said, in no place', async () => {
    const thread = await world.log(owner, { texts: textsOf('secret words'), prompt: 'secret', completion: 'words' });
    const large = await world.log(owner, { texts: textsOf('x'.repeat(LARGE_BYTES)) });
    for (const one of [thread, large]) await world.threads.remove(one);
    expect(await everything()).toBe('');
    expect(world.bodies.blobs.size).toBe(0);
  });

  test('an erased session takes its threads along, and leaves those of others', async () => {
    for (let count = 0; count < 5; count += 1) await world.log(owner, { session: 's', texts: textsOf('secret words') });
    const kept = await world.log(owner, { session: 'kept' });
    const theirs = await world.log(other, { session: 's' });
    await world.eraseSession({ id: sessionIdOf(owner, 's') });
    expect(await everything()).not.toContain('secret words');
    expect((await world.threads.ofOwner(owner, world.range())).items.map(({ id }) => id)).toEqual([kept.id]);
    await world.erasures.begin(owner, 100);
    expect(await everything()).not.toContain(owner);
    expect((await world.threads.ofOwner(other, world.range())).items.map(({ id }) => id)).toEqual([theirs.id]);
  });

  test('pages follow each other without a gap and without seeing anything twice, in both directions', async () => {
    const logged: string[] = [];
    for (let count = 0; count < 7; count += 1) logged.push((await world.log(owner, { session: 's', model: `m${count % 2}` })).id);
    const pagesOf = async (read: (after: string | undefined) => Promise<{ items: { id: string }[]; next: string | undefined }>) => {
      const pages: string[][] = [];
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await read(after);
        pages.push(page.items.map(({ id }) => id));
        after = page.next;
      }
      return pages;
    };
    const newest = logged.toReversed();
    expect(await pagesOf((after) => world.threads.ofOwner(owner, world.range(3, after)))).toEqual([
      newest.slice(0, 3),
      newest.slice(3, 6),
      newest.slice(6),
    ]);
    const session = sessionIdOf(owner, 's');
    const oldestFirst = (after: string | undefined) => world.threads.ofSession(session, { ...world.range(4, after), isOldestFirst: true });
    expect(await pagesOf(oldestFirst)).toEqual([logged.slice(0, 4), logged.slice(4)]);
    expect((await pagesOf((after) => world.threads.ofAll(world.range(2, after), ({ ownerId }) => ownerId === owner))).flat()).toEqual(
      newest,
    );
    const odd = await pagesOf((after) => world.threads.ofOwner(owner, world.range(2, after), ({ model }) => model === 'm1'));
    expect(odd.flat()).toEqual(newest.filter((_, index) => index % 2 === 1));
    expect((await pagesOf((after) => world.threads.ofOwner(owner, world.range(7, after)))).length).toBe(1);
  });

  test('a range has its end excluded, and lists of all owners go back over months', async () => {
    const november = await world.log(owner, { session: 'n' });
    world.time.now += 40 * DAY_MS;
    const december = await world.log(owner, { session: 'd', expiresAt: world.time.now + 90 * DAY_MS });
    world.time.now = november.at;
    const all = { from: november.at - 10 * DAY_MS, to: december.at + 1, limit: 500 };
    const idsOf = (page: { items: { id: string }[] }) =>
      page.items.map(({ id }) => id).filter((id) => [november.id, december.id].includes(id));
    expect(idsOf(await world.threads.ofAll(all))).toEqual([december.id, november.id]);
    expect(idsOf(await world.threads.ofAll({ ...all, to: december.at }))).toEqual([november.id]);
    const sessions = await world.sessions.ofAll({ ...all, from: november.at }, ({ ownerId }) => ownerId === owner);
    expect(sessions.items.map(({ key }) => key)).toEqual(['d', 'n']);
  });
});
