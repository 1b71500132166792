// Entity tags, dates and negotiation appear in the API of pipelines.
@_exported public import HTTPSemantics
