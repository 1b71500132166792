public import HTTPTypes

/// The way in which keys identify a handler: by a name, by the path template of its route, or by the path of the request.
///
/// ```swift
/// router.get("cities/{id}", use: stack.wrap(as: "CityView") { request, context in ... })
/// router.put("cities/{id}", use: stack.wrap(as: "CityView") { request, context in ... })
/// ```
///
/// Handlers of one resource share a name, and all others have different names.
public struct RouteName: Sendable, Hashable, ExpressibleByStringLiteral {
    private enum Source: Sendable, Hashable {
        case name(String)
        case template
        case path
    }

    private let source: Source

    private init(_ source: Source) {
        self.source = source
    }

    /// The path template that the router matched, for example `/cities/{id}`; the path if the router matched none.
    public static let template = RouteName(.template)

    /// The path of the request without the query, for handlers that run before the router.
    public static let path = RouteName(.path)

    /// Creates a name. The whole text is the name, whatever characters it contains.
    public init(_ text: String) {
        source = .name(text)
    }

    /// Creates a name from a literal. The whole text is the name, whatever characters it contains.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// Returns the route of a request.
    ///
    /// - Parameters:
    ///   - request: The head of the request.
    ///   - template: The path template that the router matched, or nil before routing.
    /// - Returns: The route, whose view is the name, the template or the path.
    public func route(of request: HTTPRequest, template: String? = nil) -> Route {
        switch source {
        case .name(let name):
            return Route(view: name, method: Route.methodName(of: request.method), template: template)
        case .template:
            guard let template else { return Route(of: request) }
            return Route(view: template, method: Route.methodName(of: request.method), template: template)
        case .path:
            return Route(of: request)
        }
    }
}
