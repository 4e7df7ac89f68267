// Calls that are made while the database is away: the queue they are kept in until it is back, and the function that books them then.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DRAIN_VARIABLES, EnvironmentOf } from '../functions/core/platform/environment.ts';
import { TABLE_VARIABLE } from '../functions/core/store/schema.ts';
import type { DataStack } from './data-stack.ts';
import { GatewayFunction } from './gateway-function.ts';
import { allowDrain } from './permissions.ts';
import type { Settings } from './settings.ts';

const BATCH_SECONDS = 60;
/** As often as SQS allows: one try every six minutes is four days of a database that is away. */
const MOST_TRIES = 1_000;

export class Grace extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, settings: Settings, data: DataStack) {
    super(scope, id);
    const kept: QueueProps = {
      fifo: true,
      // Each key, and each call that has begun, is a group; what one of them can take bounds no other.
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // What is in it is money.
      removalPolicy: settings.isEphemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    };
    this.queue = new Queue(this, 'Deferred', {
      ...kept,
      visibilityTimeout: Duration.seconds(6 * BATCH_SECONDS),
      deadLetterQueue: { queue: new Queue(this, 'NotBooked', kept), maxReceiveCount: MOST_TRIES },
    });

    const { accounts, journal } = data.tables;
    const environment: EnvironmentOf<typeof DRAIN_VARIABLES> = {
      [TABLE_VARIABLE.accounts]: accounts.tableName,
      [TABLE_VARIABLE.journal]: journal.tableName,
    };
    const drain = new GatewayFunction(this, 'Drain', {
      folder: 'drain',
      description: 'Outcrop: calls made while the database was away, into the books',
      timeout: Duration.seconds(BATCH_SECONDS),
      environment,
      settings,
    });
    allowDrain(drain, data.tables);
    drain.addEventSource(new SqsEventSource(this.queue, { batchSize: 10, maxConcurrency: 10, reportBatchItemFailures: true }));
  }
}
