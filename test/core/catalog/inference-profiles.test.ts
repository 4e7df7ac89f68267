// What is known of application inference profiles: asked for once, remembered within bounds, forgotten when it may have changed.
import { describe, expect, it, test } from 'vitest';
import { canonicalIdOf, createProfiles } from '../../../functions/core/catalog/inference-profiles.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';

const NOVA = 'amazon.nova-lite-v1:0';
const arnOf = (id: string | number) => `arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/${id}`;
const models = (...regions: string[]) => regions.map((region) => `arn:aws:bedrock:${region}::foundation-model/${NOVA}`);

function open(answers: Record<string, (readonly string[] | undefined | Error)[]>) {
  const asked: string[] = [];
  const time = { now: 0 };
  const fetchProfile = async (arn: string) => {
    asked.push(arn);
    const of = answers[arn] ?? [models('us-east-1')];
    const answer = of.length > 1 ? of.shift() : of[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, time, ...createProfiles(fetchProfile, () => time.now) };
}

describe('what stands for a profile', () => {
  it.each([
    [['us-east-1'], NOVA],
    [['us-east-1', 'us-west-2'], `us.${NOVA}`],
    [['eu-west-1', 'eu-central-1'], `eu.${NOVA}`],
    [['ap-northeast-1', 'ap-northeast-3'], `jp.${NOVA}`],
    [['ap-southeast-2', 'ap-southeast-4'], `au.${NOVA}`],
    [['ap-northeast-1', 'ap-southeast-2'], `apac.${NOVA}`],
    [['us-east-1', ''], `global.${NOVA}`],
    [['us-east-1', 'eu-west-1'], `us.${NOVA}`],
  ])('over %j is %s', (regions, id) => {
    expect(canonicalIdOf(models(...regions))).toBe(id);
  });

  it('is nothing for several models, none, or what is no foundation model', () => {
    expect(canonicalIdOf([...models('us-east-1'), 'arn:aws:bedrock:us-east-1::foundation-model/other.model'])).toBeUndefined();
    expect(canonicalIdOf([])).toBeUndefined();
    expect(canonicalIdOf(['arn:aws:bedrock:us-east-1:123456789012:imported-model/abc'])).toBeUndefined();
    expect(canonicalIdOf([`arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${NOVA}`])).toBe(`us-gov.${NOVA}`);
  });
});

test('a profile is asked for once, by however many at a time, and for ever', async () => {
  const { asked, time, learn, canonicalOf } = open({});
  expect(canonicalOf(arnOf('a'))).toBeUndefined();
  await Promise.all([learn(arnOf('a')), learn(arnOf('a'))]);
  time.now = 1e12;
  expect(learn(arnOf('a'))).toBeUndefined();
  expect(canonicalOf(arnOf('a'))).toBe(NOVA);
  expect(asked).toEqual([arnOf('a')]);
});

test.each([
  'claude-sonnet-4-5',
  `us.${NOVA}`,
  'arn:aws:bedrock:us-east-1:123456789012:imported-model/abc',
  arnOf('a/b'),
  `${arnOf('a')}\n`,
])('nobody is asked about %j', (name) => {
  const { asked, learn } = open({});
  expect(learn(name)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('that there is none, and that it may not be known, is believed for a minute', async () => {
  const denied = new GatewayError('model_access_denied', 'No.');
  const { asked, time, learn, canonicalOf } = open({
    [arnOf('none')]: [undefined, models('us-east-1')],
    [arnOf('shut')]: [denied, models('us-east-1')],
  });
  await learn(arnOf('none'));
  await expect(learn(arnOf('shut'))).rejects.toBe(denied);
  time.now = 59_000;
  expect(learn(arnOf('none'))).toBeUndefined();
  await expect((async () => learn(arnOf('shut')))()).rejects.toBe(denied);
  expect(asked).toHaveLength(2);
  time.now = 61_000;
  await Promise.all([learn(arnOf('none')), learn(arnOf('shut'))]);
  expect([canonicalOf(arnOf('none')), canonicalOf(arnOf('shut'))]).toEqual([NOVA, NOVA]);
});

test('a passing failure is not remembered', async () => {
  const { learn, canonicalOf } = open({ [arnOf('a')]: [new GatewayError('service_unavailable', 'Later.'), models('us-east-1')] });
  await expect(learn(arnOf('a'))).rejects.toThrow('Later.');
  await learn(arnOf('a'));
  expect(canonicalOf(arnOf('a'))).toBe(NOVA);
});

test('a thousand are remembered, and then the oldest is forgotten', async () => {
  const { asked, learn, canonicalOf } = open({});
  for (let id = 0; id < 1_001; id += 1) await learn(arnOf(id));
  expect(canonicalOf(arnOf(0))).toBeUndefined();
  expect(canonicalOf(arnOf(1))).toBe(NOVA);
  expect(asked).toHaveLength(1_001);
});

test('who makes names up waits, and does not use up the questions that AWS allows', () => {
  const { asked, learn } = open({});
  for (let id = 0; id < 16; id += 1) learn(arnOf(id));
  expect(() => learn(arnOf('more'))).toThrow('Too many');
  expect(() => learn(arnOf(3))).not.toThrow();
  expect(asked).toHaveLength(16);
});
