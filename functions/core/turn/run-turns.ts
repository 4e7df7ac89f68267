// Several chats that one request asked for: each a turn of its own, with its own hold and its own entry.
import { toGatewayError } from '../platform/errors.ts';
import { inPool } from '../platform/pool.ts';
import { runTurn, type TurnDependencies } from './run-turn.ts';
import type { Turn, TurnEvent } from './turn.ts';

const PARALLEL = 8;
/** Refusals that the other turns of the same request may have caused, by the holds they have open. */
const LACK_OF_ROOM = new Set(['too_many_parallel_calls', 'insufficient_quota']);

/** Answers what `hear` made of each turn, in their order. The first failure is thrown once those under way have ended; they are charged. */
export function runTurns<Heard>(
  dependencies: TurnDependencies,
  turns: readonly Turn[],
  hear: (events: AsyncGenerator<TurnEvent, void>) => Promise<Heard>,
): Promise<Heard[]> {
  const isForLackOfRoom = (thrown: unknown) => LACK_OF_ROOM.has(toGatewayError(thrown).code);
  return inPool(turns, { width: PARALLEL, isForLackOfRoom }, (turn) => hear(runTurn(dependencies, turn)));
}
