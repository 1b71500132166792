/// How long a stored answer is used.
public struct CacheTimeout: Sendable, Hashable, ExpressibleByNilLiteral {
    /// The duration, or nil for ever.
    public let duration: Duration?

    private init(duration: Duration?) {
        self.duration = duration
    }

    /// For ever: what nil means in drf-extensions.
    public init(nilLiteral: ()) {
        self.duration = nil
    }

    /// For a duration. Zero and less store nothing.
    public static func after(_ duration: Duration) -> CacheTimeout { CacheTimeout(duration: duration) }

    /// For a number of seconds.
    public static func seconds(_ seconds: Int) -> CacheTimeout { .after(.seconds(seconds)) }

    /// For a number of minutes.
    public static func minutes(_ minutes: Int) -> CacheTimeout { .after(.seconds(60 * minutes)) }

    /// For a number of hours.
    public static func hours(_ hours: Int) -> CacheTimeout { .after(.seconds(3600 * hours)) }

    /// For ever.
    public static let forever = CacheTimeout(duration: nil)

    /// Not at all: nothing is stored.
    public static let never = CacheTimeout(duration: .zero)

    /// Whether nothing is stored.
    var storesNothing: Bool {
        guard let duration else { return false }
        return duration <= .zero
    }
}
