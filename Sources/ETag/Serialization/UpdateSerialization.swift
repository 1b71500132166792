public import HTTPPipeline
import HTTPTypes

/// A rule that determines which updates wait for each other.
///
/// Between the evaluation of a condition and the handler's write, another update could intervene, and one of the two
/// would be lost. Updates of one resource on this node therefore run one after another, including those without
/// conditions. The exception is POST without conditions, because it creates a new resource. For updates on other nodes,
/// the handler must write only if the version is still the evaluated one, see ``HTTPPipeline/Exchange/evaluatedTag``.
///
/// The body of an update is read before the update acquires the lock, so that a slow client does not block others. A
/// handler that updates another resource of the same kind within the same process waits for that resource's lock while
/// it holds its own: two handlers that wait for each other's lock would wait forever.
public struct UpdateSerialization: Sendable {
    private let name: (@Sendable (Exchange) -> String?)?

    /// The maximum size of an update's body, in bytes. A larger body gets 413 (RFC 9110 section 15.5.14).
    public let bodyLimit: Int

    /// A rule under which updates do not wait for each other and the handler reads their bodies.
    public static let none = UpdateSerialization(name: nil, bodyLimit: 0)

    /// A rule under which updates of one path wait for each other, with bodies of up to 2 MiB; the default. The query
    /// is ignored, as are differences in empty segments and percent-encoding.
    public static let perResource = by { resource(of: $0.request.path ?? "") }

    /// Returns the path of a target in normalized form.
    static func resource(of target: String) -> String {
        let segments = target.targetPath.utf8.split(separator: UInt8(ascii: "/"))
        return segments.map { Substring($0).percentDecoded }.joined(separator: "/")
    }

    /// Returns a rule under which updates with the same name wait for each other, with bodies of up to 2 MiB. Names are
    /// compared by their bytes.
    ///
    /// - Parameter name: Returns the name of the resource that a request updates; a request with nil does not wait.
    /// - Returns: The rule.
    public static func by(_ name: @escaping @Sendable (Exchange) -> String?) -> UpdateSerialization {
        UpdateSerialization(name: name, bodyLimit: 2 << 20)
    }

    /// Returns the same rule with another maximum body size.
    public func withBodies(upTo limit: Int) -> UpdateSerialization {
        UpdateSerialization(name: name, bodyLimit: limit)
    }

    private init(name: (@Sendable (Exchange) -> String?)?, bodyLimit: Int) {
        self.name = name
        self.bodyLimit = bodyLimit
    }

    /// Runs `body` while no other update of the same resource runs.
    ///
    /// An update inside another update of the same resource, on the same task, does not wait for it.
    ///
    /// - Throws: `BodyTooLarge` before `body` runs, and errors of `body`.
    func serialize<Result>(_ exchange: Exchange, _ body: (Exchange) async throws -> Result) async throws -> Result {
        guard let name = name?(exchange).map({ ByteText($0) }), ResourceLocks.held[name]?.isHeld != true else {
            return try await body(exchange)
        }
        var exchange = exchange
        if case .stream = exchange.body.content {
            exchange.body = RequestBody(try await exchange.body.collect(upTo: bodyLimit))
        }
        let (ready, lock) = (exchange, HeldLock())
        return try await ResourceLocks.shared.withLock(name) {
            // A task that the handler starts and that outlives the handler also has this value, but does not hold the
            // lock.
            defer { lock.release() }
            var held = ResourceLocks.held
            held[name] = lock
            return try await ResourceLocks.$held.withValue(held) { try await body(ready) }
        }
    }
}
