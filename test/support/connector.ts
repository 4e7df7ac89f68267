// The interface of the connector as its clients use it: a key, a path, and the envelope that comes back.
import { type AdminGateway, MASTER_KEY } from './admin.ts';
import { outcomeOf } from './gateway-parts.ts';

type Envelope = { status: number; success: boolean; data: never; headers: Headers; text: string };

const DOLLAR = 10n ** 12n;

/** Whole cents and less, exact: `usd('0.23')`. */
function usd(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * DOLLAR + BigInt(fraction.padEnd(12, '0'));
}

export function createConnector(admin: AdminGateway) {
  async function call(method: string, path: string, body?: unknown, secret = MASTER_KEY): Promise<Envelope> {
    // So that what is made later has a later id.
    admin.time.now += 1;
    const { status, json, headers, text } = await admin.ask(method, path, body, { authorization: `Bearer ${secret}` });
    return { status, headers, text, ...(json as unknown as { success: boolean; data: never }) };
  }

  return {
    get: (path: string, secret?: string) => call('GET', path, undefined, secret),
    post: (path: string, body: unknown, secret?: string) => call('POST', path, body, secret),

    /** The id in the house of a number. */
    idOf: async (number: number) => (await admin.numbers.idOf('key', number))!,

    /** A call of that cost. `held`: what was set aside for it, where that was less. */
    async spend(number: number, cost: string, held = cost): Promise<'admitted' | string> {
      const accountId = (await admin.numbers.idOf('key', number))!;
      const asked = { accountId, requestId: admin.ids('req'), amount: usd(held), tokens: 1, smallestAmount: usd(held) };
      const { hold, refusal } = await admin.ledger.admit({ ...asked, model: 'claude-3-sonnet', target: 't' });
      if (!hold) return refusal.limit;
      await admin.ledger.settle(hold, outcomeOf(usd(cost), admin.clock()));
      return 'admitted';
    },
  };
}
