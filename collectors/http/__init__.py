"""The only way to the network for pages.

`door` asks and retries, `addresses` says where, `policy` when and whether, `responses` what came back.
"""
