import HTTPPipeline
import HTTPTypes
import Repositories
import Synchronization

/// The rows that access rules permit to a request.
struct PermittedRows: Sendable, Hashable {
    /// The visible rows of each ancestor.
    var ancestors: [Selection] = []
    /// The children of the row above, for each ancestor but the first, and for the requested rows.
    var children: [Selection] = []
    /// The rows that can be read.
    var visible = Selection.all
    /// The rows that can be written.
    var writable = Selection.all

    /// Whether rows can be read at all, if the request creates one.
    var seesRows = true

    /// The rows of the ancestor at an index below which rows can be written: the children of a resource without a rule of its own are
    /// parts of their parents.
    var writableAncestor: WritableAncestor?

    struct WritableAncestor: Sendable, Hashable {
        let index: Int
        let rows: Selection
    }

    /// Whether a rule selects rows.
    var isRestricted: Bool { !visible.isAll || !writable.isAll || ancestors.contains { !$0.isAll } }
}

/// The requests of one place among the routes that were read lately.
final class ReadRequests: Sendable {
    /// Everything that a request is read from.
    struct Identity: Hashable {
        private let target: ByteText
        private let accept: ByteText?
        private let action: ResourceAction
        /// Extra actions with one name may have several methods.
        private let method: HTTPRequest.Method?
        /// What rules and relations select; nil without them.
        private let rows: PermittedRows?

        init(_ exchange: Exchange, action: ResourceAction, rows: PermittedRows?) {
            target = ByteText(exchange.request.path ?? "")
            accept = exchange.request.headerFields.value(of: .accept).map { ByteText($0) }
            self.action = action
            method = action.isExtra ? action.method : nil
            self.rows = rows
        }

        /// The number of values in the selections.
        var valueCount: Int {
            guard let rows else { return 0 }
            let own = [rows.visible, rows.writable, rows.writableAncestor?.rows].compactMap(\.self)
            return (rows.ancestors + rows.children + own).reduce(0) { $0 + $1.valueCount }
        }

        /// The bytes that a client chooses.
        var byteCount: Int { target.text.utf8.count + (accept?.text.utf8.count ?? 0) }
    }

    /// The maximum number of requests.
    private static let limit = 1024
    /// The maximum size of what a client chooses for one of them.
    private static let byteLimit = 1024

    /// The maximum number of values that rules and relations select by.
    private static let valueLimit = 256

    private let requests = Mutex<[Identity: PreparedRequest]>([:])

    subscript(identity: Identity) -> PreparedRequest? { requests.withLock { $0[identity] } }

    func store(_ request: PreparedRequest, for identity: Identity) {
        guard identity.byteCount <= Self.byteLimit, identity.valueCount <= Self.valueLimit else { return }
        requests.withLock { requests in
            if requests.count >= Self.limit { requests.removeAll(keepingCapacity: true) }
            requests[identity] = request
        }
    }
}

extension Selection {
    /// The number of values that rows are compared with.
    fileprivate var valueCount: Int {
        switch self {
        case .values(_, let values): values.count
        case .and(let parts), .or(let parts): parts.reduce(0) { $0 + $1.valueCount }
        case .not(let part): part.valueCount
        case .range: 2
        case .comparison, .isNull: 1
        }
    }
}
