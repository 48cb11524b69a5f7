"""The only way to the network for pages.

`client` sends requests and retries, `addresses` checks and rewrites addresses, `policy` decides when and whether a host
is asked (limits, back-off, robots.txt), `quota` reads how long a host asks us to wait, `responses` reads what came back
and says which error it is.  The Hub's library (`collectors.hub`) sends its requests through the same client.
"""
