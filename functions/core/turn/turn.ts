// A turn: one model call, whatever surface asked for it.
import type { Key } from '../access/principal.ts';
import type { ConverseEvent, ConverseRequest } from '../bedrock/converse.ts';
import type { Model } from '../catalog/model.ts';

export type Turn = {
  requestId: string;
  /** Who calls and pays. */
  key: Key;
  /** The model by the name the client used. */
  modelName: string;
  isStream: boolean;
  /** The id of the client's session, where it sends one. */
  sessionKey?: string;
  /** The dialect's translation for the model the name stands for. Throws what the model cannot do. */
  toConverse(model: Model): { request: ConverseRequest; warnings: string[] };
};

/** What is known once the call is admitted, before the model says anything. */
export type Admittance = {
  model: Model;
  warnings: string[];
  maxTokens: number;
  /** `maxTokens` was lowered to what the money left can buy. */
  isLowered: boolean;
};

/** First how the call was admitted, then what the model says, event by event as Bedrock sends it. */
export type TurnEvent = { admitted: Admittance } | ConverseEvent;
