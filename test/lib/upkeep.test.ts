// What runs without being asked: what starts it, what happens to what fails, and that nothing of the journal but what is derived can change.
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { SWEEPER_VARIABLES, UPKEEP_VARIABLES } from '../../functions/core/platform/environment.ts';
import { type Resource, resourcesOf, templatesOf } from './deployment.ts';

const { gateway } = templatesOf();

function only(type: string, name: string): Resource {
  const found = Object.entries(resourcesOf(gateway, type)).filter(([id]) => new RegExp(`^Upkeep${name}[0-9A-F]{8}$`).test(id));
  expect(found, `${type} Upkeep${name}`).toHaveLength(1);
  return found[0]![1];
}

test.each([
  ['Rollup', UPKEEP_VARIABLES],
  ['Sweeper', SWEEPER_VARIABLES],
] as const)('the function %s gets every variable it reads, and no other', (name, wanted) => {
  const { Variables } = only('AWS::Lambda::Function', name).Properties.Environment as { Variables: Record<string, unknown> };
  expect(Object.keys(Variables).sort()).toEqual([...wanted].sort());
});

describe('the stream of the journal', () => {
  const [mapping] = Object.values(resourcesOf(gateway, 'AWS::Lambda::EventSourceMapping'));

  test('brings entries alone to the rollup, again where they fail, in halves, and tells of what is given up', () => {
    gateway.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    expect(mapping!.Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 100,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
    const { Filters } = mapping!.Properties.FilterCriteria as { Filters: { Pattern: string }[] };
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'req_' }] } } } },
    ]);
  });
});

test('what is given up is kept for two weeks, encrypted, and told over TLS only', () => {
  gateway.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
  gateway.hasResourceProperties('AWS::SQS::QueuePolicy', {
    PolicyDocument: Match.objectLike({
      Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
    }),
  });
});

test('the sweeper starts every five minutes', () => {
  gateway.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(5 minutes)',
    Targets: [Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 0 } })],
  });
});

describe('of the journal', () => {
  type Statement = { Action: string | string[]; Resource: unknown; Condition?: unknown };
  const changing = (Action: string | string[]) => [Action].flat().some((action) => /dynamodb:(Update|Delete|BatchWrite)/.test(action));

  test.each(['Rollup', 'Sweeper', 'Admin'])('%s may change nothing but what is derived from it', (name) => {
    const policies = Object.entries(resourcesOf(gateway, 'AWS::IAM::Policy')).filter(([id]) => id.includes(`${name}RoleDefaultPolicy`));
    expect(policies).toHaveLength(1);
    const { Statement } = policies[0]![1].Properties.PolicyDocument as { Statement: Statement[] };
    const found = Statement.filter(({ Action, Resource }) => changing(Action) && JSON.stringify(Resource).includes('JournalTable'));
    expect(found).toHaveLength(1);
    expect(found[0]!.Condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['STATEMENT#*', 'ROLLUP#*', 'LABEL#*'] } });
  });

  test('the rollup reads single accounts and marks them, and no more', () => {
    const [, policy] = Object.entries(resourcesOf(gateway, 'AWS::IAM::Policy')).find(([id]) => id.includes('RollupRoleDefaultPolicy'))!;
    const { Statement } = policy.Properties.PolicyDocument as { Statement: Statement[] };
    const ofAccounts = Statement.filter(({ Resource }) => JSON.stringify(Resource).includes('AccountsTable'));
    expect(ofAccounts.map(({ Action }) => Action)).toEqual([['dynamodb:GetItem', 'dynamodb:UpdateItem']]);
  });
});

describe('the topic of thresholds', () => {
  const ALERTS = { Ref: expect.stringMatching(/^UpkeepAlerts/) };

  test('is told by the rollup and the sweeper alone, over TLS only', () => {
    const telling = Object.entries(resourcesOf(gateway, 'AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
      (Properties.PolicyDocument as { Statement: { Action: unknown; Resource: unknown }[] }).Statement.filter(({ Action }) =>
        JSON.stringify(Action).includes('sns:'),
      ).map((statement) => [id.slice(0, 'UpkeepRollup'.length), statement.Action, statement.Resource]),
    );
    expect(telling.sort()).toEqual([
      ['UpkeepRollup', 'sns:Publish', ALERTS],
      ['UpkeepSweepe', 'sns:Publish', ALERTS],
    ]);
    gateway.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      }),
    });
  });

  test('has a webhook as its subscriber where one is set', () => {
    gateway.resourceCountIs('AWS::SNS::Subscription', 0);
    const { gateway: told } = templatesOf({ alertsWebhook: 'https://example.com/alerts?team=a' });
    told.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'https', Endpoint: 'https://example.com/alerts?team=a' });
  });
});
