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
            client: facts.client
        )
    }

    /// Returns the request for the handler, with the changes of middleware.
    ///
    /// - Parameters:
    ///   - original: The body of the framework's request.
    ///   - isDetached: Whether the response was already sent. Hummingbird's own body then reads from a connection that may
    ///     carry other requests, so the request has no body unless a middleware collected it.
    /// - Returns: The request.
    func handlerRequest(original: Hummingbird.RequestBody, isDetached: Bool) -> Request {
        let body: Hummingbird.RequestBody
        switch self.body.content {
        case .empty:
            body = Hummingbird.RequestBody(buffer: ByteBuffer())
        case .buffer(let buffer):
            body = Hummingbird.RequestBody(buffer: buffer)
        case .stream(let stream):
            if stream is Hummingbird.RequestBody {
                return Request(head: request, body: isDetached ? .init(buffer: ByteBuffer()) : original)
            }
            body = Hummingbird.RequestBody(asyncSequence: BufferSequence(stream: stream))
        }
        guard !isDetached else { return Request(head: request, body: body) }
        // An assigned body keeps the original one, whose connection `consumeWithCancellationOnInboundClose` observes.
        var handlerRequest = Request(head: request, body: original)
        handlerRequest.body = body
        return handlerRequest
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
