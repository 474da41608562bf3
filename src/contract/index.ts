/** The surface that adapters see. */
export type * from './adapter.ts';
export { adoptedRef } from './adopted.ts';
export type { Loudness } from './by-level.ts';
export { asLoudAs, byLevel } from './by-level.ts';
export { defineAdapter } from './adapter.ts';
export { isBasic, isBearer, isOneOf } from './credentials.ts';
export type * from './http.ts';
export { jsonOf } from './http.ts';
export { httpDateOf, instantOf, isoOf } from './instant.ts';
export { JSON_DEPTH_MAX } from './bounded.ts';
export type { JsonReading, JsonRecord } from './json.ts';
export { isRecord, listOf, memberOf, readJson, asText, textsOf, webAddressOf } from './json.ts';
export type * from './order.ts';
export type {
  Delivered,
  Outcome,
  ReadResult,
  Reason,
  Rejection,
  Retry,
  StatusOverrides,
} from './outcome.ts';
export { delivered, failure } from './outcome.ts';
export { Secret, secret, secrets } from './secret.ts';
export { equalsBase64, equalsHex, equalsText, hmac } from './signature.ts';
export type * from './stand-in.ts';
export { readsAlike } from './words.ts';
export type {
  Alert,
  Link,
  Observation,
  VendorIncident,
  VendorIncidentAction,
  VendorPerson,
} from '../core/model/alert.ts';
export type { ComponentStatus, Urgency } from '../core/model/policy.ts';
