public import HTTPPipeline
public import HTTPTypes
import NIOCore
public import Resources

/// Sends requests to routes.
public struct RouteClient: Sendable {
    /// A response.
    public struct Response: Sendable {
        /// The code of the status.
        public var status: Int
        /// The body.
        public var text: String
        /// The header fields.
        public var fields: HTTPFields
    }

    private let routes: [ResourceRoute]
    private let templates: [PathTemplate]

    /// Creates a client of routes.
    public init(_ routes: [ResourceRoute]) {
        self.routes = routes
        templates = routes.map { PathTemplate($0.template) }
    }

    /// Sends a request, and returns the status, the body and the fields of the response.
    public func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [:], body: String = "",
        as user: String? = nil
    ) async throws -> Response {
        try await send(method, target, fields, bytes: RequestBody(.buffer(ByteBuffer(string: body))), as: user)
    }

    /// Sends a request with a body of any form.
    public func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [:], bytes: RequestBody,
        as user: String? = nil
    ) async throws -> Response {
        let request = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: target, headerFields: fields)
        let path = target.prefix { $0 != "?" }
        for (route, template) in zip(routes, templates) where route.method == method {
            let shortened = path.hasSuffix("/") ? path.dropLast() : path
            guard let parameters = template.parameters(of: path) ?? template.parameters(of: shortened) else { continue }
            let exchange = Exchange(
                request: request, body: bytes,
                route: Route(view: "\(route.name)", method: "any", template: route.template),
                pathParameters: parameters, client: Exchange.Client(userID: user))
            let reply = try await route.respond(to: exchange)
            let collected = try await reply.body.collect(upTo: 1 << 26)
            return Response(
                status: reply.status.code, text: String(buffer: collected.buffer), fields: reply.headerFields)
        }
        return Response(status: 404, text: "", fields: [:])
    }
}
