// The catalog that ships with the gateway: models.json and prices.json, bundled.
import type { ModelsFile } from './expand-models.ts';
import models from './models.json' with { type: 'json' };
import prices from './prices.json' with { type: 'json' };
import { type Catalog, type CatalogOptions, createCatalog } from './resolve.ts';

/** Make it once per process: it parses every model and price. */
export function createShippedCatalog(options: CatalogOptions = {}): Catalog {
  // JSON has no unions; test/core/catalog/models-file.test.ts checks every word of the file against them.
  return createCatalog(models as unknown as ModelsFile, prices, options);
}
