// The queue of deferred calls and the function that books them: only where a grace is set, nothing in it can get lost, and the proxy can only put.
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { DRAIN_VARIABLES } from '../../functions/core/platform/environment.ts';
import { resourcesOf, templatesOf } from './deployment.ts';

const { gateway } = templatesOf({ graceSeconds: '60' });

function variablesOf(template: typeof gateway, name: RegExp): Record<string, unknown> {
  const [found] = Object.entries(resourcesOf(template, 'AWS::Lambda::Function')).filter(([id]) => name.test(id));
  return (found![1].Properties.Environment as { Variables: Record<string, unknown> }).Variables;
}

function policyOf(name: string): string {
  const found = Object.entries(resourcesOf(gateway, 'AWS::IAM::Policy')).filter(([id]) => id.includes(`${name}RoleDefaultPolicy`));
  expect(found).toHaveLength(1);
  return JSON.stringify(found[0]![1].Properties.PolicyDocument);
}

test('without a grace there is neither a queue of calls nor a function for it', () => {
  const { gateway: plain } = templatesOf();
  expect(variablesOf(plain, /^ApiProxy[0-9A-F]{8}$/)).toMatchObject({ OUTCROP_GRACE_SECONDS: '0', DEFERRED_QUEUE_URL: 'none' });
  expect(Object.keys(resourcesOf(plain)).filter((id) => id.startsWith('Grace'))).toEqual([]);
});

describe('with a grace', () => {
  test('the proxy is told of it and of the queue, and may send there and nothing else', () => {
    const variables = variablesOf(gateway, /^ApiProxy[0-9A-F]{8}$/);
    expect(variables).toMatchObject({ OUTCROP_GRACE_SECONDS: '60', DEFERRED_QUEUE_URL: { Ref: expect.stringMatching(/^GraceDeferred/) } });
    expect(policyOf('ApiProxy').match(/sqs:\w+/g)).toEqual(['sqs:SendMessage']);
  });

  test('the queue is FIFO, encrypted, over TLS only, keeps messages for two weeks and outlives the stack', () => {
    gateway.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
      }),
    });
    const queues = Object.entries(resourcesOf(gateway, 'AWS::SQS::Queue')).filter(([id]) => id.startsWith('Grace'));
    expect(queues).toHaveLength(2);
    for (const [, { Properties, DeletionPolicy }] of queues) {
      const safe = { FifoQueue: true, MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true };
      expect(Properties).toMatchObject({ ...safe, DeduplicationScope: 'messageGroup' });
      expect(DeletionPolicy).toBe('Retain');
    }
    gateway.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 360,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 1_000 }),
    });
  });

  test('the function gets every variable it reads, reports what it did not book, and can remove nothing', () => {
    expect(Object.keys(variablesOf(gateway, /^GraceDrain[0-9A-F]{8}$/)).sort()).toEqual([...DRAIN_VARIABLES].sort());
    gateway.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: Match.objectLike({ 'Fn::GetAtt': Match.arrayWith([Match.stringLikeRegexp('^GraceDeferred')]) }),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(policyOf('GraceDrain').match(/dynamodb:\w+/g)).toEqual([
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
    ]);
  });
});
