public import HTTPPipeline

/// How long a stored answer is fresh.
///
/// ```swift
/// CacheResponseMiddleware(timeout: .minutes(15), in: store)
/// CacheResponseMiddleware(timeout: .computed { exchange, reply in
///     exchange.userID == nil ? .hours(1) : .minutes(1)
/// }, in: store)
/// ```
public struct CacheTimeout: Sendable, ExpressibleByNilLiteral {
    /// Says for one answer how long it is fresh.
    public typealias Computation = @Sendable (Exchange, Reply) async throws -> CacheTimeout

    enum Source {
        case fixed(Duration?)
        case computed(Computation)
        case settings
    }

    let source: Source

    private init(source: Source) {
        self.source = source
    }

    /// For ever: what nil means in drf-extensions.
    public init(nilLiteral: ()) {
        self.init(source: .fixed(nil))
    }

    /// For a duration. Zero and less store nothing.
    public static func after(_ duration: Duration) -> CacheTimeout { CacheTimeout(source: .fixed(duration)) }

    /// For a number of seconds.
    public static func seconds(_ seconds: Int) -> CacheTimeout { .after(.seconds(seconds)) }

    /// For a number of minutes.
    public static func minutes(_ minutes: Int) -> CacheTimeout { .after(.seconds(60 * minutes)) }

    /// For a number of hours.
    public static func hours(_ hours: Int) -> CacheTimeout { .after(.seconds(3600 * hours)) }

    /// For ever.
    public static let forever = CacheTimeout(source: .fixed(nil))

    /// Not at all: nothing is stored.
    public static let never = CacheTimeout(source: .fixed(.zero))

    /// For what is computed for each answer from the request and the reply. An answer for which the computation throws is not
    /// stored.
    ///
    /// drf-extensions takes the name of an attribute of the view, and lets the first view decide for every other one that
    /// shares the decorator; here each answer is computed for itself.
    public static func computed(_ computation: @escaping Computation) -> CacheTimeout {
        CacheTimeout(source: .computed(computation))
    }

    /// For what ``CacheSettings/timeout`` says.
    public static let settings = CacheTimeout(source: .settings)

    /// The duration when it is the same for all answers; nil inside is for ever.
    public var duration: Duration?? {
        guard case .fixed(let duration) = source else { return nil }
        return .some(duration)
    }

    /// Whether nothing is ever stored.
    var storesNothing: Bool {
        guard case .fixed(let duration?) = source else { return false }
        return duration <= .zero
    }

    /// How long one answer is fresh.
    ///
    /// - Parameters:
    ///   - reply: The answer.
    ///   - exchange: The request.
    ///   - settings: What the settings say. If they refer to themselves it is for ever.
    /// - Returns: The duration; nil is for ever.
    /// - Throws: What the computation throws.
    func duration(of reply: Reply, to exchange: Exchange, settings: CacheTimeout) async throws -> Duration? {
        switch source {
        case .fixed(let duration):
            return duration
        case .computed(let computation):
            return try await computation(exchange, reply).duration(of: reply, to: exchange, settings: settings)
        case .settings:
            return try await settings.duration(of: reply, to: exchange, settings: .forever)
        }
    }
}
