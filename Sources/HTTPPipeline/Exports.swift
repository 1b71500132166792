// Whoever uses a pipeline meets dates, moments and entity tags, and needs no second import for them.
@_exported public import HTTPSemantics
