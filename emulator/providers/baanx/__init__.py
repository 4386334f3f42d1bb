"""Baanx: a card programme's API. A user orders a product, pays it in crypto elsewhere, and the app polls the order.

Sources: the pages under https://docs.baanx.com named in each module, seen 2026-11.
"""
