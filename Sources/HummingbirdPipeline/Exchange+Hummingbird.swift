#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird
import NIOCore

extension Exchange {
    init(
        _ head: consuming HTTPRequest, body: HTTPPipeline.RequestBody, name: RouteName, facts: consuming ContextFacts
    ) {
        let route = name.route(of: head, template: facts.template)
        self.init(
            request: head,
            body: body,
            route: route,
            pathParameters: facts.parameters.pathParameters,
            remoteAddress: facts.remoteAddress,
            userID: facts.userID,
            language: facts.language,
            format: facts.format
        )
    }

    /// Returns the framework's request with the changes of middleware, or the request itself if there are none.
    ///
    /// - Parameters:
    ///   - request: The framework's request.
    ///   - isUnchanged: Whether the exchange is known to be unchanged.
    /// - Returns: The request for the handler.
    func applied(to request: Request, isUnchanged: Bool) -> Request {
        if isUnchanged { return request }
        // The heads are not compared, because finding a difference takes longer than creating the request again.
        var result = Request(head: self.request, body: request.body)
        switch body.content {
        case .empty:
            result.body = Hummingbird.RequestBody(buffer: ByteBuffer())
        case .buffer(let buffer):
            result.body = Hummingbird.RequestBody(buffer: buffer)
        case .stream(let stream) where stream is Hummingbird.RequestBody:
            break
        case .stream(let stream):
            result.body = Hummingbird.RequestBody(asyncSequence: BufferSequence(stream: stream))
        }
        return result
    }
}

/// A stream with which a middleware has replaced the request's body, as a type that Hummingbird accepts.
private struct BufferSequence: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>

        mutating func next() async throws -> ByteBuffer? {
            try await iterator.next(isolation: #isolation)
        }
    }

    let stream: HTTPPipeline.RequestBody.Stream

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: stream.makeAsyncIterator())
    }
}

extension Parameters {
    /// The parameters for an exchange: text without percent-decoding, as the handler sees it.
    fileprivate var pathParameters: PathParameters {
        isEmpty
            ? PathParameters()
            : PathParameters(named: map { PathParameters.Parameter(String($0.key), .string(String($0.value))) })
    }
}
#endif
