"""What each address does: `market` for everyone, `orders` and `account` for who signs, `ours` beside the dialect.

`table.ROUTES` has them all; every handler takes the venue and the request and returns what becomes the JSON body.
"""
