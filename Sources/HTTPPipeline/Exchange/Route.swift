public import HTTPTypes

/// The identity of a handler.
///
/// drf-extensions identifies a handler by `module.Class`, here ``view``, and `module.Class.method`, here ``uniqueMethodID``.
public struct Route: Sendable, Hashable {
    /// The name of the handler, for example `cities.CityView`.
    public var view: String

    /// The name of the HTTP method in lower case. `get` includes HEAD.
    public var method: String

    /// The matched path template, for example `/cities/{id}`, or nil when it is unknown.
    public var template: String?

    /// Creates a route from its parts.
    public init(view: String, method: String, template: String? = nil) {
        self.view = view
        self.method = method
        self.template = template
    }

    /// Creates the route of a request that has not been routed: its path without the query, and its method.
    ///
    /// Different resources have different routes, so keys that contain the route are safe before routing.
    public init(of request: HTTPRequest) {
        self.init(
            view: String((request.path ?? "").targetPath),
            method: Route.methodName(of: request.method)
        )
    }

    /// The view and the method, joined by a dot as in drf-extensions' `UniqueMethodIdKeyBit`.
    public var uniqueMethodID: String { "\(view).\(method)" }

    /// Returns the name of the handler method for an HTTP method: lower case, and `get` for HEAD.
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
