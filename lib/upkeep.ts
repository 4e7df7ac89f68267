// What runs without being asked: the rollup, fed by the journal's stream, the sweeper, started by a schedule, and the topic that both tell
// of thresholds.
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentOf, SWEEPER_VARIABLES, UPKEEP_VARIABLES } from '../functions/core/platform/environment.ts';
import { TABLE_VARIABLE } from '../functions/core/store/schema.ts';
import type { DataStack } from './data-stack.ts';
import { GatewayFunction } from './gateway-function.ts';
import { allowRollup, allowSweeper } from './permissions.ts';
import type { Settings } from './settings.ts';

/** How long statements may be behind, where there is little to bring. Fewer batches are fewer writes. */
const GATHER = Duration.seconds(10);

export class Upkeep extends Construct {
  constructor(scope: Construct, id: string, settings: Settings, data: DataStack) {
    super(scope, id);
    const alerts = this.createAlerts(settings);
    this.createRollup(settings, data, alerts);
    this.createSweeper(settings, data, alerts);
  }

  /** Who subscribes to it is told of budgets that are being used up. */
  private createAlerts({ alertsWebhook }: Settings): Topic {
    const alerts = new Topic(this, 'Alerts', { enforceSSL: true });
    // SNS signs what it sends, tries again where that fails, and sends nothing before the receiver has confirmed that it wants it.
    if (alertsWebhook !== null) alerts.addSubscription(new UrlSubscription(alertsWebhook, { protocol: SubscriptionProtocol.HTTPS }));
    new CfnOutput(Stack.of(this), 'AlertsTopic', { value: alerts.topicArn });
    return alerts;
  }

  private createRollup(settings: Settings, data: DataStack, alerts: Topic): void {
    const rollup = new GatewayFunction(this, 'Rollup', {
      folder: 'rollup',
      description: 'Outcrop: journal entries into statements, thresholds of budgets',
      timeout: Duration.minutes(2),
      environment: environmentOf(data, alerts),
      settings,
    });
    allowRollup(rollup, data.tables, alerts);
    // It tells of batches that were given up, by their place in the stream; a rebuild of the statements brings what was in them.
    const given = new Queue(this, 'GivenUp', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    rollup.addEventSource(
      new DynamoEventSource(data.tables.journal, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 1_000,
        maxBatchingWindow: GATHER,
        retryAttempts: 100,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        onFailure: new SqsDlq(given),
        // Only new entries: neither payments nor the rollup's own rows, which are in the same table and would call it without end.
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.isEqual('INSERT'),
            dynamodb: { Keys: { sk: { S: FilterRule.beginsWith('req_') } } },
          }),
        ],
      }),
    );
  }

  private createSweeper(settings: Settings, data: DataStack, alerts: Topic): void {
    const environment: EnvironmentOf<typeof SWEEPER_VARIABLES> = {
      ...environmentOf(data, alerts),
      [TABLE_VARIABLE.conversations]: data.tables.conversations.tableName,
      BODIES_BUCKET: data.bodies.bucketName,
    };
    const sweeper = new GatewayFunction(this, 'Sweeper', {
      folder: 'sweeper',
      description: 'Outcrop: expired holds and keys, months, unfinished payments, rebuilds, what deleted keys left',
      timeout: Duration.minutes(5),
      environment,
      settings,
    });
    allowSweeper(sweeper, data.tables, data.bodies, alerts);
    new Rule(this, 'Sweep', {
      description: 'Outcrop: starts the sweeper',
      schedule: Schedule.rate(Duration.minutes(5)),
      // The next run does what a failed one left; nothing is gained by one that is late.
      targets: [new FunctionTarget(sweeper, { retryAttempts: 0, maxEventAge: Duration.minutes(5) })],
    });
  }
}

function environmentOf({ tables }: DataStack, alerts: Topic): EnvironmentOf<typeof UPKEEP_VARIABLES> {
  return {
    [TABLE_VARIABLE.accounts]: tables.accounts.tableName,
    [TABLE_VARIABLE.journal]: tables.journal.tableName,
    ALERTS_TOPIC_ARN: alerts.topicArn,
  };
}
