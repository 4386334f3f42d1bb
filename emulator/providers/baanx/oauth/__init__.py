"""OAuth with PKCE: an app asks for access, its user consents, and the app trades the code for tokens."""
