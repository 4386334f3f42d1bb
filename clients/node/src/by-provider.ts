// Made by scripts/generate_docs.py from the tables of the emulator: do not edit.

import type { ProviderName } from "./control.js";

/** The credentials of each provider's client; all of them follow from the sandbox's name. */
export interface Credentials {
  sandbox: string;
  baanx: { client_id: string; token: string; partner_token: string; email: string; password: string; [member: string]: string };
  basswallet: { access_key: string; secret_key: string; noauth_access_key: string; noauth_secret_key: string; ip_access_key: string; ip_secret_key: string; other_access_key: string; other_secret_key: string; callback_access_key: string; callback_secret_key: string; [member: string]: string };
  changelly: { api_key: string; private_key: string; private_key_base64: string; callback_public_key: string; callback_public_key_base64: string; [member: string]: string };
  koywe: { api_key: string; secret: string; organization_id: string; merchant_id: string; [member: string]: string };
}

/** A provider's base URL and credentials in a sandbox. */
export interface ProviderAccess<P extends keyof Credentials> {
  /** Base URL, instead of the provider's own. */
  readonly url: string;
  readonly credentials: Credentials[P];
}

/** Access to each provider, by its name. */
export class ByProvider {
  readonly urls: Record<ProviderName, string>;
  readonly credentials: Credentials;

  constructor(urls: Record<ProviderName, string>, credentials: Credentials) {
    this.urls = urls;
    this.credentials = credentials;
  }

  get baanx(): ProviderAccess<"baanx"> {
    return { url: this.urls.baanx, credentials: this.credentials.baanx };
  }

  get basswallet(): ProviderAccess<"basswallet"> {
    return { url: this.urls.basswallet, credentials: this.credentials.basswallet };
  }

  get changelly(): ProviderAccess<"changelly"> {
    return { url: this.urls.changelly, credentials: this.credentials.changelly };
  }

  get koywe(): ProviderAccess<"koywe"> {
    return { url: this.urls.koywe, credentials: this.credentials.koywe };
  }
}
