"""The only way to the network for pages.

`door` asks and retries, `addresses` says where, `policy` when and whether, `quota` how long a host asks us to wait,
`responses` what came back.  The Hub's library (`collectors.hub`) asks through the same door.
"""
