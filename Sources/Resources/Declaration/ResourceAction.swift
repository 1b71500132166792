public import HTTPTypes

/// What a request does with a resource.
public struct ResourceAction: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
        case list, create, retrieve, update, partialUpdate, destroy
    }

    private let kind: Kind

    /// GET of the collection.
    public static let list = ResourceAction(kind: .list)
    /// POST to the collection.
    public static let create = ResourceAction(kind: .create)
    /// GET of one row.
    public static let retrieve = ResourceAction(kind: .retrieve)
    /// PUT of one row.
    public static let update = ResourceAction(kind: .update)
    /// PATCH of one row.
    public static let partialUpdate = ResourceAction(kind: .partialUpdate)
    /// DELETE of one row.
    public static let destroy = ResourceAction(kind: .destroy)

    /// The actions of a resource unless it declares others.
    public static let all: Set<ResourceAction> = [.list, .create, .retrieve, .update, .partialUpdate, .destroy]

    /// The actions that read.
    public static let reading: Set<ResourceAction> = [.list, .retrieve]

    /// The name of the action.
    public var description: String { kind.rawValue }

    /// Whether the action reads.
    public var isReading: Bool { self == .list || self == .retrieve }

    /// The method of the action's requests.
    public var method: HTTPRequest.Method {
        switch kind {
        case .list, .retrieve: .get
        case .create: .post
        case .update: .put
        case .partialUpdate: .patch
        case .destroy: .delete
        }
    }

    /// Whether the action is one on the collection.
    var isOnCollection: Bool { self == .list || self == .create }

    /// Returns the action of a method; nil if none is.
    static func of(_ method: HTTPRequest.Method, onCollection: Bool) -> ResourceAction? {
        switch (method, onCollection) {
        case (.get, true), (.head, true): .list
        case (.post, true): .create
        case (.get, false), (.head, false): .retrieve
        case (.put, false): .update
        case (.patch, false): .partialUpdate
        case (.delete, false): .destroy
        default: nil
        }
    }
}
