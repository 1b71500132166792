public import HTTPTypes
import NIOCore

/// Requests that fill a cache before its clients send theirs: after a start, or after a purge of everything.
///
/// ```swift
/// let warmer = CacheWarmer(authority: "example.com")
/// let result = await warmer.warm(["/cities?page=1", "/cities?page=2"], through: stack.wrap(listCities))
/// ```
///
/// The warmer sends a GET request for each target and reads its response to the end, so that the cache stores it. A response is
/// found by later requests if their keys are equal: authority, scheme and header fields have to be those of the clients, as far
/// as they are in the key. The result counts responses, whether or not the cache stored them: it does not store those to
/// requests with credentials.
public struct CacheWarmer: Sendable {
    /// The authority of the requests: the host, with a port if the clients send one.
    public var authority: String

    /// The scheme of the requests. `http` by default: Hummingbird reports it for all requests over HTTP/1.1, also with TLS.
    public var scheme = "http"

    /// The header fields of the requests. None by default.
    public var headerFields: HTTPFields = [:]

    /// The maximum number of requests in progress. 4 by default, so that the warmer leaves the handlers' resources to clients.
    public var concurrency = 4

    /// Creates a warmer.
    ///
    /// - Parameter authority: The authority of the requests.
    public init(authority: String) {
        self.authority = authority
    }

    /// Sends a request for each target.
    ///
    /// If the task is cancelled, no further request starts.
    ///
    /// - Parameters:
    ///   - targets: The paths, with their queries.
    ///   - handler: The handler behind the pipeline.
    /// - Returns: The number of responses by status, and the failures.
    public func warm(_ targets: some Sequence<String>, through handler: @escaping Handler) async -> Result {
        await withTaskGroup(of: (String, Outcome).self) { group in
            var result = Result()
            var running = 0
            for target in targets {
                guard !Task.isCancelled else { break }
                if running >= max(1, concurrency), let (target, outcome) = await group.next() {
                    result.add(outcome, of: target)
                    running -= 1
                }
                let exchange = Exchange(request: request(for: target))
                group.addTask { (target, await Self.outcome(of: exchange, handler)) }
                running += 1
            }
            for await (target, outcome) in group { result.add(outcome, of: target) }
            return result
        }
    }

    /// Returns the request for a target.
    package func request(for target: String) -> HTTPRequest {
        HTTPRequest(method: .get, scheme: scheme, authority: authority, path: target, headerFields: headerFields)
    }

    fileprivate enum Outcome: Sendable {
        case response(HTTPResponse.Status)
        case failure(any Error)
    }

    private static func outcome(of exchange: Exchange, _ handler: Handler) async -> Outcome {
        do {
            let reply = try await handler(exchange)
            // A streamed response is stored only once it has been written.
            try await reply.body.write(to: DiscardingWriter())
            return .response(reply.status)
        } catch {
            return .failure(error)
        }
    }

    /// The responses to the requests of a warmer.
    public struct Result: Sendable {
        /// The maximum number of ``failures`` that are recorded.
        public static let failureLimit = 100

        /// The number of responses by status.
        public internal(set) var responses: [HTTPResponse.Status: Int] = [:]

        /// The number of requests whose handler threw an error or whose body failed.
        public internal(set) var failureCount = 0

        /// The first failures, with their targets.
        public internal(set) var failures: [(target: String, error: any Error)] = []

        fileprivate mutating func add(_ outcome: Outcome, of target: String) {
            switch outcome {
            case .response(let status):
                responses[status, default: 0] += 1
            case .failure(let error):
                failureCount += 1
                if failures.count < Self.failureLimit { failures.append((target, error)) }
            }
        }
    }
}

private struct DiscardingWriter: BodyWriter {
    mutating func write(_ buffer: ByteBuffer) async throws {}

    consuming func finish(_ trailers: HTTPFields?) async throws {}
}
