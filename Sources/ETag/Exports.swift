// Applications that import this module use tags and conditions, and should not need a second import for them.
@_exported public import HTTPSemantics
