import HTTPPipeline
import Repositories

/// What a request asks a resource for, parsed and permitted.
struct ResourceRequest: Sendable {
    /// A row that must exist: an ancestor of the requested rows.
    struct Ancestor: Sendable {
        let repository: any Repository
        let query: RowQuery
    }

    var action: ResourceAction
    var ancestors: [Ancestor] = []
    /// The query of the list or of the row that the request names.
    var query: RowQuery
    /// The rows that a write may change.
    var writable = Selection.all
    /// The key in the path.
    var key: RowValue?
    /// The field of a child that has the key of its parent, and that key.
    var parent: (field: String, key: RowValue)?
    var page = PageRequest()
    var isCSV = false
    /// Whether the access rule selects rows.
    var isRestricted = false

    enum Key: AttributeKey {
        typealias Value = ResourceRequest
    }
}

/// The page that a request asks for.
struct PageRequest: Sendable, Hashable {
    var number = 1
    var size = 0
    var countsRows = false
    var isBackward = false
    /// The other parameters of the list, for the links to other pages.
    var parameters: [QueryParameters.Parameter] = []
}
