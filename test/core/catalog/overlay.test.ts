// What administrators set, over the shipped catalog: which price applies where and when, and what a name stands for.
import { beforeEach, describe, expect, it } from 'vitest';
import { createLiveWorld, type LiveWorld, NOON, UNCHANGED } from '../../support/live-world.ts';

const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const HOUR = 3_600_000;

let world: LiveWorld;
beforeEach(() => {
  world = createLiveWorld();
});

describe('a price that was set', () => {
  it.each([
    ['claude-sonnet-4-5', 'global'],
    [`global.${SONNET}`, 'global'],
    [`eu.${SONNET}`, 'eu'],
    [`us.${SONNET}`, 'geo'],
    [SONNET, 'eu-west-1'],
    [`arn:aws:bedrock:eu-west-1::foundation-model/${SONNET}`, 'eu-west-1'],
    [`arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`, 'region'],
    [`us-gov.${SONNET}`, '*'],
  ])('applies to %s by the narrowest scope, %s', async (name, narrowest) => {
    const scopes = ['*', 'global', 'geo', 'eu', 'region', 'eu-west-1'];
    for (const [index, scope] of scopes.entries()) await world.setPrice('claude-sonnet-4-5', String(100 + index), { scope });
    expect(await world.inputOf(name)).toBe(100 + scopes.indexOf(narrowest));
  });

  it.each([
    ['eu', `us.${SONNET}`, 3.3],
    ['global', `eu.${SONNET}`, 3.3],
    ['region', 'claude-sonnet-4-5', 3],
    ['geo', SONNET, 3.3],
    ['us-east-1', SONNET, 3.3],
  ])('of the scope %s leaves %s at the shipped price', async (scope, name, usd) => {
    await world.setPrice('claude-sonnet-4-5', '100', { scope });
    expect(await world.inputOf(name)).toBe(usd);
  });

  it('is of its own model only', async () => {
    await world.setPrice('claude-sonnet-4-5', '100');
    expect(await world.inputOf('claude-opus-4-5')).toBe(5);
  });

  it('of a service tier is of that tier only, and stands beside the price of the default tier', async () => {
    await world.setPrice('claude-sonnet-4-5', '1.5', { tier: 'flex' });
    await world.setPrice('claude-sonnet-4-5', '9', { tier: 'priority', scope: 'eu' });
    expect([await world.inputOf('claude-sonnet-4-5'), await world.inputOf('claude-sonnet-4-5', 'flex')]).toEqual([3, 1.5]);
    expect(await world.inputOf('claude-sonnet-4-5', 'priority')).toBeUndefined();
    expect([await world.inputOf(`eu.${SONNET}`), await world.inputOf(`eu.${SONNET}`, 'priority')]).toEqual([3.3, 9]);
  });

  it('names itself as the version, and the shipped list stays the version of the rest', async () => {
    const { id } = await world.setPrice('claude-sonnet-4-5', '4');
    await world.catalog.refresh();
    expect(world.catalog.resolve('claude-sonnet-4-5')!.price!.version).toBe(id);
    expect(world.catalog.resolve('claude-opus-4-5')!.price!.version).toBe(world.shipped.resolve('claude-opus-4-5')!.price!.version);
  });

  it('gives a price to a model that has none', async () => {
    expect(await world.inputOf('command-r')).toBeUndefined();
    await world.setPrice('command-r', '0.5');
    expect(await world.inputOf('command-r')).toBe(0.5);
  });
});

describe('a price with a beginning', () => {
  it('is in force from that very moment on, without anybody reading anything', async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    await world.setPrice('claude-sonnet-4-5', '5', { from: NOON + HOUR });
    await world.catalog.refresh();
    const input = () => world.catalog.resolve('claude-sonnet-4-5')!.price!.input;
    const at = (now: number) => {
      world.time.now = now;
      return input();
    };
    expect([at(NOON), at(NOON + HOUR - 1), at(NOON + HOUR), at(NOON + 99 * HOUR)]).toEqual([
      4_000_000n,
      4_000_000n,
      5_000_000n,
      5_000_000n,
    ]);
  });

  it('cannot begin in the past: what has been charged stays as it is', async () => {
    await expect(world.setPrice('claude-sonnet-4-5', '4', { from: NOON - 1 })).rejects.toMatchObject({ code: 'invalid_value' });
    await world.catalog.refresh();
    expect(world.catalog.rows().prices).toEqual([]);
  });

  it('that was set later wins where two begin together', async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    world.time.now += 1;
    await world.setPrice('claude-sonnet-4-5', '5', { from: NOON + HOUR });
    world.time.now += 1;
    await world.setPrice('claude-sonnet-4-5', '6', { from: NOON + HOUR });
    world.time.now = NOON + HOUR;
    expect(await world.inputOf('claude-sonnet-4-5')).toBe(6);
  });
});

describe('a price that was ended', () => {
  it('leaves the shipped one, not the one before it, and both stay in the history', async () => {
    const first = await world.setPrice('claude-sonnet-4-5', '4');
    world.time.now += HOUR;
    const second = await world.setPrice('claude-sonnet-4-5', '5');
    world.time.now += HOUR;
    await world.prices.end(second.id, 'master');
    expect(await world.inputOf('claude-sonnet-4-5')).toBe(3);
    expect(world.catalog.rows().prices).toEqual([first, { ...second, endedAt: NOON + 2 * HOUR }]);
  });

  it('before it began never was: the one before goes on', async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    const { id } = await world.setPrice('claude-sonnet-4-5', '5', { from: NOON + HOUR });
    await world.prices.end(id, 'master');
    world.time.now = NOON + 2 * HOUR;
    expect(await world.inputOf('claude-sonnet-4-5')).toBe(4);
  });

  it('stays ended at the moment it was first ended', async () => {
    const { id } = await world.setPrice('claude-sonnet-4-5', '4');
    await world.prices.end(id, 'master');
    world.time.now += HOUR;
    expect((await world.prices.end(id, 'key_1')).endedAt).toBe(NOON);
  });
});

describe('a name', () => {
  const targetOf = async (name: string) => {
    await world.catalog.refresh();
    return world.catalog.resolve(name)?.target;
  };

  it('is a mapping before it is a model, an alias or an ID, and with "bedrock/" before it too', async () => {
    for (const name of ['gpt-4o', 'claude-opus-4-5', SONNET]) await world.mappings.put(name, () => ({ to: 'nova-lite' }));
    const nova = world.shipped.resolve('nova-lite')!.target;
    for (const name of ['gpt-4o', 'claude-opus-4-5', SONNET, 'bedrock/gpt-4o']) expect(await targetOf(name), name).toBe(nova);
    expect(await targetOf(`us.${SONNET}`)).toBe(`us.${SONNET}`);
  });

  it('is mapped once, so that two that name each other are no circle', async () => {
    await world.mappings.put('claude-opus-4-5', () => ({ to: 'claude-sonnet-4-5' }));
    await world.mappings.put('claude-sonnet-4-5', () => ({ to: 'claude-opus-4-5' }));
    expect(await targetOf('claude-opus-4-5')).toBe(`global.${SONNET}`);
    expect(await targetOf('claude-sonnet-4-5')).toBe(world.shipped.resolve('claude-opus-4-5')!.target);
  });

  it('of a model made here begins with its base and has its own target, limits and price', async () => {
    const target = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc';
    const limits = { maxOutputTokens: 1_000, defaultMaxTokens: 500 };
    await world.models.put('team', () => ({ ...UNCHANGED, base: 'claude-sonnet-4-5', target, limits, abilities: { vision: false } }));
    await world.catalog.refresh();
    const { model, price } = world.catalog.resolve('team')!;
    expect(model).toMatchObject({ name: 'team', family: 'claude-budget', target, limits, abilities: { vision: false, tools: true } });
    expect(price).toBeNull();
    await world.setPrice('team', '7');
    expect(await world.inputOf('team')).toBe(7);
    expect(await world.inputOf('claude-sonnet-4-5')).toBe(3);
  });

  it('of a model made here costs what its target costs where that is known', async () => {
    await world.models.put('team', () => ({ ...UNCHANGED, base: 'claude-sonnet-4-5', target: `eu.${SONNET}` }));
    expect(await world.inputOf('team')).toBe(3.3);
  });

  it('of a disabled model stands for nothing, nor do its aliases, its IDs or mappings to it', async () => {
    await world.mappings.put('gpt-4o', () => ({ to: 'claude-sonnet-4-5' }));
    await world.models.put('claude-sonnet-4-5', () => ({ ...UNCHANGED, isEnabled: false }));
    const alias = world.shipped.resolve('claude-sonnet-4-5')!.model.aliases[0]!;
    for (const name of ['claude-sonnet-4-5', alias, 'gpt-4o', SONNET, `us.${SONNET}`]) expect(await targetOf(name), name).toBeUndefined();
    expect(await targetOf('claude-opus-4-5')).toBeDefined();
    expect(world.catalog.models().map(({ name }) => name)).not.toContain('claude-sonnet-4-5');
    expect(world.catalog.models().map(({ name }) => name)).not.toContain('gpt-4o');
  });

  it('is listed where it may be called, mappings and models made here among them, each once', async () => {
    await world.mappings.put('gpt-4o', () => ({ to: 'claude-sonnet-4-5' }));
    await world.mappings.put('nova-lite', () => ({ to: 'nova-pro' }));
    await world.models.put('team', () => ({ ...UNCHANGED, base: 'nova-lite' }));
    await world.catalog.refresh();
    const names = world.catalog.models().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.toSorted()).toEqual([...world.shipped.models().map(({ name }) => name), 'gpt-4o', 'team'].sort());
  });
});
