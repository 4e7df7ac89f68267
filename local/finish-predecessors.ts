// After a crash: every hold that an earlier start of this folder left is finished at once, not at its deadline.
import type { ItemPage } from '../functions/core/access/owners.ts';
import type { Ledger } from '../functions/core/ledger/ledger.ts';

const PAGE = 100;

/** `lists`: keys, groups and users. */
export async function finishPredecessors(
  lists: { page(limit: number, after: string | undefined): Promise<ItemPage> }[],
  ledger: Ledger,
): Promise<void> {
  for (const list of lists) {
    let after: string | undefined;
    do {
      const page = await list.page(PAGE, after);
      for (const item of page.items) {
        if (Number(item.open) > 0) await ledger.repair.finishAbandoned(String(item.id), item);
      }
      after = page.next;
    } while (after !== undefined);
  }
}
