// An application that imports this module names tags and conditions, and needs no second import for them.
@_exported public import HTTPSemantics
