#if FlyingFox
import FlyingFox
import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore

/// A FlyingFox request and its handler.
final class FlyingFoxRequest: FrameworkRequest {
    typealias Handler = @Sendable (FlyingFox.HTTPRequest, Exchange) async throws -> FlyingFox.HTTPResponse

    private let request: FlyingFox.HTTPRequest
    private let head: HTTPTypes.HTTPRequest
    private let handler: Handler

    /// Returns nil if the method is not a token.
    init?(_ request: FlyingFox.HTTPRequest, _ handler: @escaping Handler) {
        guard let method = HTTPTypes.HTTPRequest.Method(rawValue: request.method.rawValue) else { return nil }
        (self.request, self.handler) = (request, handler)
        var target = request.target
        // The router resolves dot segments, so a write to such a path has to purge the path that it resolves to.
        let segments = target.path().split(separator: "/", omittingEmptySubsequences: false)
        if segments.contains(where: { $0 == "." || $0 == ".." }) {
            var resolved: [Substring] = []
            for segment in segments where segment != "." {
                if segment != ".." { resolved.append(segment) } else if resolved.count > 1 { resolved.removeLast() }
            }
            target = .init(path: resolved.joined(separator: "/"), query: target.query())
        }
        var headers = request.headers
        headers[.host] = nil
        head = HTTPTypes.HTTPRequest(
            method: method, scheme: "http", authority: request.headers[.host], path: target.rawValue,
            headerFields: HTTPFields(headers))
    }

    func exchange(named name: RouteName) -> Exchange {
        let parameters = request.routeParameters.map { PathParameters.Parameter($0.name, .string($0.value)) }
        let address: SocketAddress? =
            switch request.remoteAddress {
            case .ip4(let ip, let port), .ip6(let ip, let port): try? SocketAddress(ipAddress: ip, port: Int(port))
            case .unix, nil: nil
            }
        return Exchange(
            request: head, body: RequestBody(of: self), route: name.route(of: head),
            pathParameters: PathParameters(named: parameters), client: Exchange.Client(remoteAddress: address))
    }

    var bodyContent: RequestBody.Content {
        request.bodySequence.count == 0 ? .empty : .stream(request.bodySequence.map { ByteBuffer(bytes: $0) })
    }

    // FlyingFox renders errors outside of all handlers, so the pipeline sees no rendering.
    func runHandler(for exchange: Exchange, isDetached: Bool) async throws -> Reply {
        var result = request
        if exchange.request != head {
            let target = (exchange.request.path ?? "").split(separator: "?", maxSplits: 1).map(String.init)
            var headers = HTTPHeaders(exchange.request.headerFields)
            headers[.host] = exchange.request.authority
            result = FlyingFox.HTTPRequest(
                method: HTTPMethod(exchange.request.method.rawValue), version: request.version,
                target: .init(path: target.first ?? "", query: target.dropFirst().first ?? ""), headers: headers,
                body: request.bodySequence, remoteAddress: request.remoteAddress)
        }
        if exchange.body.frameworkRequest === self {
            // The connection may carry other requests by then.
            if isDetached { result.bodySequence = HTTPBodySequence() }
        } else {
            result.bodySequence = body(of: exchange)
        }
        do {
            return Reply(try await handler(result, exchange))
        } catch let error as HTTPUnhandledError {
            // The server responds with 404 to it, which is no failure of the handler.
            var reply = Reply(status: .notFound)
            reply.thrownError = error
            return reply
        }
    }

    private func body(of exchange: Exchange) -> HTTPBodySequence {
        switch exchange.body.content {
        case .empty: HTTPBodySequence()
        case .buffer(let buffer): HTTPBodySequence(data: Data(buffer.readableBytesView))
        // Without a count, FlyingFox would encode the body in chunks.
        case .stream(let new): HTTPBodySequence(from: ReadBody(buffers: new), count: request.bodySequence.count ?? 0)
        }
    }
}

extension HTTPFields {
    init(_ headers: HTTPHeaders) {
        self.init()
        for header in headers.keys {
            guard let name = HTTPField.Name(header.rawValue) else { continue }
            let values = header == .setCookie ? headers.values(for: header) : [headers[header] ?? ""]
            for value in values { append(HTTPField(name: name, value: value)) }
        }
    }
}

extension HTTPHeaders {
    init(_ fields: HTTPFields) {
        self.init()
        for field in fields { addValue(field.value, for: HTTPHeader(field.name.rawName)) }
    }
}
#endif
