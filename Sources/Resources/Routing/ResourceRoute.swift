public import HTTPPipeline
public import HTTPTypes

/// A route of a resource, for an adapter to register.
public struct ResourceRoute: Sendable {
    /// The method.
    public let method: HTTPRequest.Method

    /// The path template, with a parameter in braces for each key: `/countries/{id}/cities`.
    public let template: String

    /// The name of the view, which is part of keys: `cities-list` or `cities-detail`, with the names of the ancestors in front.
    public let name: RouteName

    /// The middleware of the resource.
    public let pipeline: Pipeline

    /// The handler of requests that reach the end of the pipeline.
    public let handler: Handler

    /// Creates a route.
    package init(
        method: HTTPRequest.Method, template: String, name: RouteName, pipeline: Pipeline, handler: @escaping Handler
    ) {
        (self.method, self.template, self.name, self.pipeline) = (method, template, name, pipeline)
        self.handler = handler
    }

    /// Returns the response to an error in the form of resources, or nil for an error that is neither the client's nor the database's.
    package static func reply(to error: any Error, _ exchange: Exchange) -> Reply? {
        ResourceError.of(error)?.reply(to: exchange)
    }

    /// Responds to a request that was routed here.
    ///
    /// - Parameter exchange: The request, with the path parameters of the template and ``name`` as its route.
    /// - Returns: The response.
    /// - Throws: Errors of the database and of the access rule.
    public func respond(to exchange: Exchange) async throws -> Reply {
        var reply = try await pipeline.respond(to: exchange, detachable: handler)
        if exchange.request.method == .head {
            // The length is that of the response to GET.
            if let length = reply.body.contentLength, reply.status != .notModified,
                !reply.headerFields.contains(.contentLength)
            {
                reply.headerFields[.contentLength] = "\(length)"
            }
            reply.body = .empty
        }
        return reply
    }
}
