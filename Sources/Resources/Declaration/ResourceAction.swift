public import HTTPTypes

/// What a request does with a resource.
///
/// Two actions with one name are equal: a rule compares an extra action with `.extra("publish")`, whatever its method.
public struct ResourceAction: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: Hashable {
        case list, create, retrieve, update, partialUpdate, destroy
        case extra(String)
    }

    private let kind: Kind

    /// The method of the action's requests. ``extra(_:)`` does not know it.
    public let method: HTTPRequest.Method

    /// Whether the action is one on the collection.
    let isOnCollection: Bool

    /// Whether requests for the action have no filters although it is one on the collection.
    var ignoresFilters = false

    private init(_ kind: Kind, _ method: HTTPRequest.Method, onCollection isOnCollection: Bool = false) {
        (self.kind, self.method, self.isOnCollection) = (kind, method, isOnCollection)
    }

    /// GET of the collection.
    public static let list = ResourceAction(.list, .get, onCollection: true)
    /// POST to the collection.
    public static let create = ResourceAction(.create, .post, onCollection: true)
    /// GET of one row.
    public static let retrieve = ResourceAction(.retrieve, .get)
    /// PUT of one row.
    public static let update = ResourceAction(.update, .put)
    /// PATCH of one row.
    public static let partialUpdate = ResourceAction(.partialUpdate, .patch)
    /// DELETE of one row.
    public static let destroy = ResourceAction(.destroy, .delete)

    /// An extra action, see ``ListAction`` and ``DetailAction``.
    public static func extra(_ name: String) -> ResourceAction { ResourceAction(.extra(name), .get) }

    /// An extra action with its method and place.
    init(extra name: String, _ method: HTTPRequest.Method, onCollection isOnCollection: Bool) {
        self.init(.extra(name), method, onCollection: isOnCollection)
    }

    /// The actions of a resource unless it declares others.
    public static let all: Set<ResourceAction> = [.list, .create, .retrieve, .update, .partialUpdate, .destroy]

    /// The actions that read.
    public static let reading: Set<ResourceAction> = [.list, .retrieve]

    /// The name of the action.
    public var description: String {
        if case .extra(let name) = kind { name } else { "\(kind)" }
    }

    /// Whether the action reads: an extra action does with GET.
    public var isReading: Bool { method == .get }

    /// Whether the action is an extra one.
    var isExtra: Bool {
        if case .extra = kind { true } else { false }
    }

    /// Whether requests for the action have filters.
    var isFiltered: Bool { isOnCollection && self != .create && !ignoresFilters }

    /// Returns whether the action is one of a request with a method.
    func has(_ method: HTTPRequest.Method) -> Bool { self.method == method || self.method == .get && method == .head }

    /// Returns whether both actions have the same name.
    public static func == (left: ResourceAction, right: ResourceAction) -> Bool { left.kind == right.kind }

    /// Hashes the name of the action.
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}
