"""Changelly Fiat: one API before several providers of crypto against fiat. Partners create orders and poll a list.

Sources: the pages under https://fiat-api.changelly.com/docs that each module names, seen 2026-11.
"""
