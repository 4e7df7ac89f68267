// After a crash: every hold that an earlier start of this folder left is finished at once, not at its deadline.
import type { KeyStore } from '../functions/core/access/key-store.ts';
import type { Ledger } from '../functions/core/ledger/ledger.ts';

const PAGE = 100;

export async function finishPredecessors(keys: KeyStore, ledger: Ledger): Promise<void> {
  let after: string | undefined;
  do {
    const page = await keys.page(PAGE, after);
    for (const item of page.items) {
      if (Number(item.open) > 0) await ledger.repair.finishAbandoned(String(item.id), item);
    }
    after = page.next;
  } while (after !== undefined);
}
