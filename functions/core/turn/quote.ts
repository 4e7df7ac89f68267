// What a call is priced by, fixed before it begins: a price that changes while the call runs changes nothing. Pure.
import { atTier, dearest, type Price } from '../catalog/prices.ts';

export type Quote = {
  /** For the hold: never below what the call will be charged, whichever tier serves it. */
  price: Price | null;
  /** For the charge, by the tier the upstream says it served; the one asked for where it does not say. */
  priceOf: (servedTier: string | undefined) => Price | null;
};

/** Bedrock may serve a call at the default tier in place of the one asked for, never at a third. */
export function quoteOf(price: Price | null, askedTier: string | undefined): Quote {
  const asked = atTier(price, askedTier);
  if (asked === null || price === null) return { price: asked, priceOf: () => asked };
  return {
    // A step that made many tokens cheaper would make the bound, which is of more tokens, too low.
    price: asked === price && !price.longContext ? price : dearest(asked, price),
    priceOf: (servedTier) => (servedTier === 'default' ? price : asked),
  };
}
