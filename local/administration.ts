// What the admin API has beside keys and money: models, mappings, prices, test calls and the numbers of older clients. Loaded with it.
import { createTestCall } from '../functions/admin/native/test-call.ts';
import { createNumbers } from '../functions/core/access/numbers.ts';
import { createResetSecret } from '../functions/core/access/reset-secret.ts';
import { createMappingStore, createModelStore } from '../functions/core/catalog/model-store.ts';
import { createPriceStore } from '../functions/core/catalog/price-store.ts';

export function createAdministration(dependencies: Parameters<typeof createTestCall>[0]) {
  return {
    catalog: dependencies.catalog,
    models: createModelStore(dependencies),
    mappings: createMappingStore(dependencies),
    prices: createPriceStore(dependencies),
    numbers: createNumbers(dependencies),
    resetSecret: createResetSecret(dependencies),
    testCall: createTestCall(dependencies),
  };
}
