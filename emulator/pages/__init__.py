"""The pages that payers see: one design for all providers, which bring their words and values.

Nothing here is read or imported before a page is asked for, and a page loads nothing: style, script, icon and QR code
are inside it.
"""
