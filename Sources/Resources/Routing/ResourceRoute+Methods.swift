package import HTTPPipeline
package import HTTPTypes

extension ResourceRoute {
    /// The methods that have a route everywhere.
    static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, HTTPRequest.Method("QUERY")!,
    ]

    /// Returns a handler that responds to OPTIONS with the methods of a path, and to others with 405.
    static func refusing(allowing methods: [HTTPRequest.Method]) -> Handler {
        let allow = methods.map(\.rawValue).sorted().joined(separator: ", ")
        return { exchange in
            let method = exchange.request.method
            if method == .options { return Reply(status: .noContent, headerFields: [.allow: allow]) }
            return ResourceError(
                .methodNotAllowed, "Method \"\(method.rawValue)\" not allowed.", headerFields: [.allow: allow]
            ).reply(to: exchange)
        }
    }

    /// Returns a route for each method of a template without middleware.
    ///
    /// - Parameters:
    ///   - template: The path template.
    ///   - handlers: The handlers by method, with the names of their views. That of GET responds to HEAD too. OPTIONS and other methods get
    ///     what resources respond with.
    /// - Returns: The routes.
    package static func routes(
        of template: String, _ handlers: [(method: HTTPRequest.Method, name: RouteName, handle: Handler)]
    ) -> [ResourceRoute] {
        guard let first = handlers.first else { return [] }
        let known = handlers.map(\.method)
        let allowed = known + (known.contains(.get) ? [.head] : []) + [.options]
        let refusing = refusing(allowing: allowed)
        return methods.map { method in
            let handler = handlers.first { $0.method == method || $0.method == .get && method == .head }
            return ResourceRoute(
                method: method, template: template, name: handler?.name ?? first.name, pipeline: Pipeline([]),
                handler: handler?.handle ?? refusing)
        }
    }
}
