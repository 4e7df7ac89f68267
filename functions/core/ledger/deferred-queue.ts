// Deferred calls as messages. What became of calls is brought in order, one key at a time; a call's first record waits for nobody, and has a
// group of its own, because it is left in the queue until the call is over.
import type { PutMessage } from '../store/queue.ts';
import { type Deferred, toText } from './deferred.ts';

export function createDeferredQueue(put: PutMessage): Deferred {
  return {
    put(record) {
      const { requestId, parties } = record.hold;
      const isDone = record.outcome !== undefined;
      return put({ body: toText(record), group: isDone ? parties.keyId : requestId, id: `${requestId}.${isDone ? 'done' : 'begun'}` });
    },
  };
}
