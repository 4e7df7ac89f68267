// What the admin API has beside keys and money: models, mappings, prices, test calls, the log of changes and the numbers of older clients. Loaded with it.
import { createTestCall } from '../functions/admin/native/test-call.ts';
import { createNumbers } from '../functions/core/access/numbers.ts';
import { createOnce } from '../functions/core/access/once.ts';
import { createMappingStore, createModelStore } from '../functions/core/catalog/model-store.ts';
import { createPriceStore } from '../functions/core/catalog/price-store.ts';
import { createChangeLog } from '../functions/core/changes/change-log.ts';

export function createAdministration(dependencies: Parameters<typeof createTestCall>[0]) {
  return {
    catalog: dependencies.catalog,
    models: createModelStore(dependencies),
    mappings: createMappingStore(dependencies),
    prices: createPriceStore(dependencies),
    numbers: createNumbers(dependencies),
    changes: createChangeLog(dependencies),
    once: createOnce(dependencies),
    testCall: createTestCall(dependencies),
  };
}
