// One import for the types that every application uses.
@_exported public import CacheMiddleware
@_exported public import ETag
@_exported public import HTTPPipeline
@_exported public import HTTPSemantics
@_exported public import HTTPTypes
@_exported public import KeyConstructor

#if Hummingbird
@_exported public import HummingbirdPipeline
#endif
