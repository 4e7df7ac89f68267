// Events to a topic of SNS: one signed POST each, in place of one more client. Law: it is done when SNS has said so, or it has failed.
import type { Events } from './events.ts';
import { type Connection, createSendSigned, placeOf, readText } from './signed.ts';

const TIMEOUT_MS = 5_000;
const VERSION = '2010-03-31';
const HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

/** `endpoint` goes in place of the one of the topic's region. */
export function createTopicEvents(connection: Connection, { topicArn, endpoint }: { topicArn: string; endpoint?: string }): Events {
  const [, , , region = ''] = topicArn.split(':');
  const send = createSendSigned({ ...connection, region }, 'sns');

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
      const place = await placeOf('sns', region, endpoint);
      const options = { abortSignal: AbortSignal.timeout(TIMEOUT_MS) };
      const answer = await send({ method: 'POST', place, path: '/', headers: HEADERS, body }, options);
      await readText(answer.body);
      if (answer.statusCode !== 200) throw new Error(`SNS answered ${answer.statusCode} to an event.`);
    },
  };
}
