#if Hummingbird
import HTTPPipeline
import HTTPTypes

/// What the key bits call a handler: what the application says, and what it leaves open as the router has it.
///
/// It is taken apart once, when the handler is wrapped.
@usableFromInline
struct RouteName: Sendable {
    private let view: String?
    private let method: String?
    private let takesTemplate: Bool

    /// Nothing is said: the view is the path template.
    static let template = RouteName(nil)

    /// The view is the path itself, because no router has been asked yet.
    static let path = RouteName(nil, takesTemplate: false)

    /// A name such as `CityView.get`, or without a dot the view's alone.
    @usableFromInline
    init(_ name: String?, takesTemplate: Bool = true) {
        self.takesTemplate = takesTemplate
        if let name, let dot = name.lastIndex(of: ".") {
            view = String(name[..<dot])
            method = String(name[name.index(after: dot)...])
        } else {
            view = name
            method = nil
        }
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
        return Route(view: view, method: method ?? Route.methodName(of: head.method), template: template)
    }
}
#endif
