/** Signature Version 4, for stages with `AUTH=iam`. */

import { AwsClient } from "aws4fetch";
import type { Auth } from "./client.js";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * Signs with AWS credentials, or with those that a function returns which keeps them fresh.
 *
 * `region` is the API's, by default the one in its host name.
 */
export function sigv4(credentials: Credentials | (() => Credentials | Promise<Credentials>), region?: string): Auth {
  return async (url, body) => {
    const where = region ?? /\.execute-api\.([a-z0-9-]+)\./.exec(new URL(url).hostname)?.[1];
    if (!where) throw new TypeError("The host name does not tell the region of the API: sigv4(credentials, region).");
    const known = typeof credentials === "function" ? await credentials() : credentials;
    const signer = new AwsClient({ ...known, service: "execute-api", region: where });
    const signed = await signer.sign(url, { method: "POST", body });
    return Object.fromEntries(signed.headers);
  };
}
