public import HTTPPipeline
public import HTTPTypes
public import NIOCore

extension Exchange {
    /// Returns an exchange for a test.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The path and query.
    ///   - fields: The header fields of the request.
    ///   - view: The view of the route.
    ///   - body: The body of the request.
    /// - Returns: The exchange.
    public static func testing(
        _ method: HTTPRequest.Method = .get,
        _ target: String = "/",
        fields: HTTPFields = [:],
        view: String = "tests.View",
        body: ByteBuffer? = nil
    ) -> Exchange {
        Exchange(
            request: HTTPRequest(
                method: method, scheme: "http", authority: "example.test", path: target, headerFields: fields
            ),
            body: body.map { RequestBody($0) } ?? .empty,
            route: Route(view: view, method: Route.methodName(of: method))
        )
    }
}

extension Reply {
    /// Returns a response with a text body, for a test.
    public static func testing(
        _ text: String,
        status: HTTPResponse.Status = .ok,
        fields: HTTPFields = [:]
    ) -> Reply {
        Reply(status: status, headerFields: fields, body: ReplyBody(ByteBuffer(string: text)))
    }

    /// Returns the body as text.
    public func text() async throws -> String {
        String(buffer: try await body.collect(upTo: .max).buffer)
    }
}
