// Users of a store create a client for it, which should not require a second import.
@_exported public import RedisTransport
