/** What a client of each provider is configured with; all of it follows from the sandbox's name. */
export interface Credentials {
  sandbox: string;
  baanx: { client_id: string; token: string; email: string; password: string; [member: string]: string };
  basswallet: {
    access_key: string;
    secret_key: string;
    callback_access_key: string;
    callback_secret_key: string;
    [member: string]: string;
  };
  changelly: {
    api_key: string;
    private_key: string;
    private_key_base64: string;
    callback_public_key: string;
    [member: string]: string;
  };
  koywe: { api_key: string; secret: string; organization_id: string; merchant_id: string; [member: string]: string };
}

/** Where a provider is in a sandbox, and how one gets in. */
export interface ProviderAccess<P extends keyof Credentials> {
  /** Base URL, in place of the provider's own. */
  readonly url: string;
  readonly credentials: Credentials[P];
}
