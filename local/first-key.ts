// A key to begin with: made once, on the first start of a folder whose master key this machine made, so that the first line pasted works.

import type { KeyStore } from '../functions/core/access/key-store.ts';
import { createSecret } from '../functions/core/access/secret.ts';
import { newAccount } from '../functions/core/ledger/account.ts';
import { monthOf } from '../functions/core/platform/clock.ts';
import { parseUsd } from '../functions/core/platform/money.ts';
import { keep } from './folder.ts';

const BUDGET_USD = '10';

/** The path of the file with the first key's secret. */
export async function keepFirstKey(folder: string, keys: KeyStore, now: number): Promise<string> {
  const { text, path, isNew } = keep(folder, 'first-key', createSecret);
  const isKnown = !isNew && (await keys.findBySecret(text)) !== undefined;
  const isWanted = !isKnown && (await keys.list(1, undefined)).length === 0;
  if (isWanted) {
    const limits = { monthlyBudget: parseUsd(BUDGET_USD)!, balance: null, lifetimeBudget: null, maxParallel: null };
    const identity = { name: 'First key', email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
    await keys.create(identity, newAccount(limits, monthOf(now)), text);
  }
  return path;
}
