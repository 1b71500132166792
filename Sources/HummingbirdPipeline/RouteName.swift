#if Hummingbird
import HTTPPipeline
import HTTPTypes

/// The name of a handler in key bits: the application's name, or one from the router.
@usableFromInline
struct RouteName: Sendable {
    private let view: String?
    private let takesTemplate: Bool

    /// A name for handlers without one: the view is the path template.
    static let template = RouteName(nil)

    /// A name for handlers that run before the router: the view is the path itself.
    static let path = RouteName(nil, takesTemplate: false)

    /// Creates the name of a view. The whole text is the name, whatever characters it contains: two names are two
    /// views.
    @usableFromInline
    init(_ view: String?, takesTemplate: Bool = true) {
        self.view = view
        self.takesTemplate = takesTemplate
    }

    /// Returns the route of a request.
    ///
    /// - Parameters:
    ///   - head: The head of the request.
    ///   - template: The path template that the router has matched, or nil without an outer router.
    /// - Returns: The route.
    func route(of head: HTTPRequest, template: String?) -> Route {
        let template = takesTemplate ? template : nil
        guard let view = view ?? template else { return Route(of: head) }
        return Route(view: view, method: Route.methodName(of: head.method), template: template)
    }
}
#endif
