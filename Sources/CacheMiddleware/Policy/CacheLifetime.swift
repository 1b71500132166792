public import HTTPPipeline

/// The lifetime of a stored response: how long it is fresh.
///
/// ```swift
/// CacheResponseMiddleware(.minutes(15), in: store)
/// CacheResponseMiddleware(.computed { exchange, reply in
///     exchange.userID == nil ? .hours(1) : .minutes(1)
/// }, in: store)
/// ```
public struct CacheLifetime: Sendable, ExpressibleByNilLiteral {
    /// A closure that computes the lifetime of a response.
    public typealias Computation = @Sendable (Exchange, Reply) async throws -> CacheLifetime

    enum Source {
        case fixed(Duration?)
        case computed(Computation)
        case settings
    }

    let source: Source

    private init(source: Source) {
        self.source = source
    }

    /// Creates ``forever``, which is the meaning of nil in drf-extensions.
    public init(nilLiteral: ()) {
        self.init(source: .fixed(nil))
    }

    /// Returns a fixed lifetime. Responses with zero or a negative duration are not stored.
    public static func after(_ duration: Duration) -> CacheLifetime { CacheLifetime(source: .fixed(duration)) }

    /// Returns a lifetime of a number of seconds.
    public static func seconds(_ seconds: Int) -> CacheLifetime { .after(.seconds(seconds)) }

    /// Returns a lifetime of a number of minutes.
    public static func minutes(_ minutes: Int) -> CacheLifetime { .after(.seconds(minutes.clampedProduct(60))) }

    /// Returns a lifetime of a number of hours.
    public static func hours(_ hours: Int) -> CacheLifetime { .after(.seconds(hours.clampedProduct(3600))) }

    /// An unlimited lifetime: the response never becomes stale.
    public static let forever = CacheLifetime(source: .fixed(nil))

    /// A lifetime of zero: responses are not stored.
    public static let doNotStore = CacheLifetime(source: .fixed(.zero))

    /// Returns a lifetime that is computed for each response. If the computation throws, the response is not stored.
    ///
    /// In drf-extensions such a timeout is the name of an attribute of the view, and the first view that uses a decorator
    /// determines the timeout of all views that share the decorator. Here the lifetime is computed for each response.
    public static func computed(_ computation: @escaping Computation) -> CacheLifetime {
        CacheLifetime(source: .computed(computation))
    }

    /// The lifetime of ``CacheSettings/lifetime``.
    public static let settings = CacheLifetime(source: .settings)

    /// The duration, if it is the same for all responses. The inner nil means forever.
    public var duration: Duration?? {
        guard case .fixed(let duration) = source else { return nil }
        return .some(duration)
    }

    /// Whether no response is stored.
    var storesNothing: Bool {
        guard case .fixed(let duration?) = source else { return false }
        return duration <= .zero
    }

    /// Returns the lifetime of a response.
    ///
    /// - Parameters:
    ///   - reply: The response.
    ///   - exchange: The request.
    ///   - settings: The lifetime in the settings. If it refers to itself, the result is forever.
    /// - Returns: The duration; nil means forever.
    /// - Throws: The error of the computation.
    func duration(of reply: Reply, to exchange: Exchange, settings: CacheLifetime) async throws -> Duration? {
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

extension Int {
    /// Returns the product with a positive number, or the nearest integer if it is not one.
    fileprivate func clampedProduct(_ factor: Int) -> Int {
        let (product, isOverflow) = multipliedReportingOverflow(by: factor)
        return isOverflow ? (self < 0 ? .min : .max) : product
    }
}
