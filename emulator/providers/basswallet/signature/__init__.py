"""Signatures of requests and webhooks, and what was signed by mistake."""
