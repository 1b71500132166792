#if Hummingbird
import HTTPPipeline
import HTTPTypes

/// What the key bits call a handler: the name that the application gives, or what the router has.
@usableFromInline
struct RouteName: Sendable {
    private let view: String?
    private let takesTemplate: Bool

    /// The application gives no name: the view is the path template.
    static let template = RouteName(nil)

    /// The view is the path itself, because no router has been asked yet.
    static let path = RouteName(nil, takesTemplate: false)

    /// Creates the name of a view. It is the view's name as a whole, whatever characters it has: two names are two views.
    @usableFromInline
    init(_ view: String?, takesTemplate: Bool = true) {
        self.view = view
        self.takesTemplate = takesTemplate
    }

    /// The route of a request.
    ///
    /// - Parameters:
    ///   - head: The head of the request.
    ///   - template: The path template that the router has found, or nil where no router stands further out.
    /// - Returns: The route.
    func route(of head: HTTPRequest, template: String?) -> Route {
        let template = takesTemplate ? template : nil
        guard let view = view ?? template else { return Route(of: head) }
        return Route(view: view, method: Route.methodName(of: head.method), template: template)
    }
}
#endif
