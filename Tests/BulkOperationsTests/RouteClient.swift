import HTTPPipeline
import HTTPTypes
import NIOCore
import Resources

/// Sends requests to the routes of a resource.
struct RouteClient {
    /// A response.
    struct Response {
        var status: Int
        var text: String
        var fields: HTTPFields
    }

    private let routes: [ResourceRoute]
    private let templates: [PathTemplate]

    init(_ resource: Resource) {
        routes = resource.routes
        templates = routes.map { PathTemplate($0.template) }
    }

    /// Sends a request, and returns the status, the body and the fields of the response.
    func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [:], body: String = "",
        as user: String? = nil
    ) async throws -> Response {
        let request = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: target, headerFields: fields)
        for (route, template) in zip(routes, templates) where route.method == method {
            guard let parameters = template.parameters(of: target.targetPath) else { continue }
            let exchange = Exchange(
                request: request, body: RequestBody(.buffer(ByteBuffer(string: body))),
                route: Route(view: "\(route.name)", method: "any", template: route.template),
                pathParameters: parameters, client: Exchange.Client(userID: user))
            let reply = try await route.respond(to: exchange)
            let collected = try await reply.body.collect(upTo: 1 << 20)
            return Response(
                status: reply.status.code, text: String(buffer: collected.buffer), fields: reply.headerFields)
        }
        return Response(status: 404, text: "", fields: [:])
    }
}
