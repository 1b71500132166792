import HTTPPipeline
import KeyConstructor
import Repositories

/// What a request asks a resource for, parsed and permitted.
struct ResourceRequest: Sendable {
    /// A row that must exist: an ancestor of the requested rows.
    struct Ancestor: Sendable {
        let repository: any Repository
        var query: RowQuery
    }

    var action: ResourceAction
    var ancestors: [Ancestor] = []
    /// The query of the list or of the row that the request names.
    var query: RowQuery
    /// Whether filters select the rows of a list.
    var hasFilters = false
    /// The rows that the request may read, whatever its filters select.
    var scope = Selection.all
    /// The rows that a write may change.
    var writable = Selection.all
    /// The key in the path.
    var key: RowValue?
    /// The fields that have one value in all rows at this place: that of a child which has the key of its parent, and those of the relation.
    var bound: [(field: String, value: RowValue)] = []
    var page = PageRequest()
    var isCSV = false
    /// The ancestor that must be writable.
    var writableAncestor: Ancestor?
    /// Whether the request may read rows, if it creates one.
    var seesRows = true
    /// Whether the access rule selects rows.
    var isRestricted = false
    /// The row, whether or not it is visible, if the response shows that it exists.
    var existing: Selection?
}

/// A request that was read, with the statements that its response depends on. It may serve many requests with the same target.
final class PreparedRequest: Sendable {
    let request: ResourceRequest
    let description: QueryDescription
    /// The digest of the statements, their values, and the parameters of a list, for keys.
    let digest: String

    init(_ request: ResourceRequest, _ description: QueryDescription) {
        self.request = request
        self.description = description
        var text = description.statement
        for value in description.values { text += "\u{1F}\(value)" }
        // The links to other pages repeat them.
        for parameter in request.page.parameters { text += "\u{1E}\(parameter.name)=\(parameter.value)" }
        digest = CacheKey(digestOf: text).description
    }

    enum Key: AttributeKey {
        typealias Value = PreparedRequest
    }
}

extension Exchange {
    /// The request that was read.
    var preparedRequest: PreparedRequest? { self[PreparedRequest.Key.self] }

    /// What the request asks a resource for. A copy: ``preparedRequest`` is faster for one property.
    var resourceRequest: ResourceRequest? { preparedRequest?.request }
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
