public import HTTPTypes

/// The identity of the handler that answers a request.
///
/// drf-extensions identifies a handler by `module.Class` and `module.Class.method`; here the first is ``view``
/// and the second ``uniqueMethodID``.
public struct Route: Sendable, Hashable {
    /// The handler's own name, for example `cities.CityView`.
    public var view: String

    /// The name of the HTTP method that is answered, in lower case: `get` answers GET and HEAD.
    public var method: String

    /// The path template that matched, for example `/cities/{id}`, or nil when it is not known.
    public var template: String?

    /// Creates a route.
    public init(view: String, method: String, template: String? = nil) {
        self.view = view
        self.method = method
        self.template = template
    }

    /// The route of a request of which nothing but its head is known: its path without the query, and its method.
    ///
    /// Two resources never share it, so a key made of it is safe before any routing has happened.
    public init(of request: HTTPRequest) {
        self.init(
            view: String((request.path ?? "").targetPath),
            method: Route.methodName(of: request.method)
        )
    }

    /// The view and the method joined by a dot, as drf-extensions' `UniqueMethodIdKeyBit` writes them.
    public var uniqueMethodID: String { "\(view).\(method)" }

    /// The name of the handler method for an HTTP method: lower case, and `get` for HEAD.
    public static func methodName(of method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head: "get"
        case .post: "post"
        case .put: "put"
        case .patch: "patch"
        case .delete: "delete"
        default: method.rawValue.lowercased()
        }
    }
}
