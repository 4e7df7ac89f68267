// Events to a topic of SNS: one signed POST each, in place of one more client. Law: it is done when SNS has said so, or it has failed.
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Events } from './events.ts';

/** By whose credentials: those of the function. */
type Signing = Pick<ConstructorParameters<typeof SignatureV4>[0], 'credentials' | 'sha256'>;

const TIMEOUT_MS = 5_000;
const VERSION = '2010-03-31';

/** `endpoint` goes in place of the one of the topic's region. */
export function createTopicEvents({ topicArn, endpoint, signing }: { topicArn: string; endpoint?: string; signing: Signing }): Events {
  const [, partition, , region = ''] = topicArn.split(':');
  const url = new URL(endpoint ?? `https://sns.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}/`);
  const signer = new SignatureV4({ ...signing, region, service: 'sns' });

  return {
    async publish(event) {
      const fields = {
        Action: 'Publish',
        Version: VERSION,
        TopicArn: topicArn,
        Subject: `Outcrop: ${event.percent} % of a budget is spent`,
        Message: JSON.stringify(event),
      };
      const body = new URLSearchParams(fields).toString();
      const { protocol, hostname, host } = url;
      const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
      const { headers: signed } = await signer.sign(new HttpRequest({ protocol, hostname, method: 'POST', path: '/', headers, body }));
      const { host: _, ...sent } = signed;
      const answer = await fetch(url, { method: 'POST', headers: sent, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`SNS answered ${answer.status} to an event.`);
    },
  };
}
