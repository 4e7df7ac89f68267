import { describe, expect, it } from 'vitest';
import { createCopies } from '../../../functions/core/store/copies.ts';
import {
  accountKey,
  correctionKey,
  entryKey,
  JOURNAL_SHARDS,
  journalShard,
  journalShards,
  secretKey,
} from '../../../functions/core/store/keys.ts';

describe('copies', () => {
  it('live for their time and not a moment longer', () => {
    let now = 1_000;
    const copies = createCopies(() => now, 100);
    copies.set('a', { id: 'a' });
    now += 99;
    expect(copies.get('a')).toEqual({ id: 'a' });
    now += 1;
    expect(copies.get('a')).toBeUndefined();
  });

  it('are replaced, with a new life, and dropped', () => {
    let now = 0;
    const copies = createCopies(() => now, 100);
    copies.set('a', { version: 1n });
    now = 60;
    copies.set('a', { version: 2n });
    now = 120;
    expect(copies.get('a')).toEqual({ version: 2n });
    copies.drop('a');
    expect(copies.get('a')).toBeUndefined();
  });

  it('serve while the database is away for the grace and not a moment longer, renewed for seconds only', () => {
    let now = 0;
    const copies = createCopies(() => now, 100, { graceMs: 10_000 });
    copies.set('a', { id: 'a' });
    now = 100;
    expect([copies.get('a'), copies.old('a')]).toEqual([undefined, { id: 'a' }]);
    // Not every call asks a database that is away.
    now = 2_099;
    expect(copies.get('a')).toEqual({ id: 'a' });
    now = 2_100;
    expect(copies.get('a')).toBeUndefined();
    now = 9_999;
    expect(copies.old('a')).toEqual({ id: 'a' });
    now = 10_000;
    expect([copies.get('a'), copies.old('a')]).toEqual([undefined, undefined]);
  });

  it('without a grace are never old', () => {
    const copies = createCopies(() => 0, 100);
    copies.set('a', { id: 'a' });
    expect(copies.old('a')).toBeUndefined();
  });

  it('are never more than the capacity: the oldest goes first', () => {
    const copies = createCopies(() => 0, 100, { capacity: 2 });
    for (const id of ['a', 'b', 'a', 'c']) copies.set(id, { id });
    expect(['a', 'b', 'c'].map((id) => copies.get(id)?.id)).toEqual(['a', undefined, 'c']);
  });
});

describe('keys of the database', () => {
  it('of different things are never the same', () => {
    const keys = [accountKey('x'), secretKey('x'), entryKey('x', 'y'), correctionKey('x', 'y')];
    expect(new Set(keys.map(({ table, pk, sk }) => `${table} ${pk} ${sk}`)).size).toBe(keys.length);
  });

  it('put every entry into one of the shards of its month', () => {
    const ends = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
    const used = new Set(ends.map((end) => journalShard('2026-11', `req_${end}`)));
    expect([...used].sort()).toEqual(journalShards('2026-11'));
    expect(used.size).toBe(JOURNAL_SHARDS);
  });
});
