public import HTTPPipeline
public import KeyConstructor

/// The settings of an ``ETagMiddleware`` besides its tag and the conditions that it requires.
///
/// ```swift
/// ETagMiddleware(key: .city, requiring: .updates) {
///     $0.rebuildsAfterMethodEvaluation = true
///     $0.exists = { exchange in try await cities.contains(exchange.pathParameters["id"]) }
/// }
/// ```
public struct ETagSettings: Sendable {
    /// The time at which conditions of GET and HEAD are evaluated.
    public struct Evaluation: Sendable, Hashable, CustomStringConvertible {
        enum Time: String {
            case exact
            case early
        }

        let time: Time

        /// The name of the value in settings.
        public var description: String { time.rawValue }

        /// Evaluates a condition when the response without the condition is known to be 2xx (RFC 9110 section 13.2.1),
        /// and all fields of the 304 are known (section 15.4.5): after the handler has run, or without running it if a
        /// response with this tag has been seen within the last minute. This is the default.
        public static let exact = Evaluation(time: .exact)

        /// Evaluates a condition as soon as the tag is known, without running the handler. A 304 has ETag and no other
        /// field.
        public static let early = Evaluation(time: .early)
    }

    /// Whether the response to a PUT or PATCH has the tag of the written representation, recomputed after the handler
    /// has run: drf-extensions' `rebuild_after_method_evaluation`. Otherwise the response has no tag, because the
    /// previous tag names the replaced representation. Off by default. A digest of the body is recomputed only by
    /// ``ETagMiddleware/init(reading:requiring:timeSource:configure:)``, and always there.
    public var rebuildsAfterMethodEvaluation = false

    /// The rule that determines which updates wait for each other. ``UpdateSerialization/perResource`` by default.
    public var serialization: UpdateSerialization = .perResource

    /// Returns the time at which the current representation was last modified, for conditions on dates. nil by default.
    ///
    /// The time is sent as Last-Modified once its second is over. Without it, the handler's own Last-Modified is used
    /// for GET and HEAD, and If-Unmodified-Since does not guard updates: a condition without a known date is ignored
    /// (RFC 9110 section 13.1.4).
    public var lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)?

    /// Whether ``lastModified`` depends on nothing but version stamps, so that an adapter may send responses again.
    package var lastModifiedIsOfStamp = false

    /// Returns whether the resource has a current representation, for `*` in the conditions of updates. nil by default.
    ///
    /// It is used if the tag is a key or the digest of a body that the wrapped handler sends. Other tags show whether
    /// there is a representation.
    public var exists: (@Sendable (Exchange) async throws -> Bool)?

    /// The limits of tags that are digests of bodies.
    public var body = BodyETag()

    /// The time at which conditions of GET and HEAD are evaluated.
    public var evaluation: Evaluation = .exact

    /// Whether responses other than 2xx are tagged. They are not by default.
    public var tagsErrors = false

    /// Whether responses to every method are tagged and OPTIONS is treated like GET. Otherwise, by default, responses to
    /// GET and HEAD are tagged, and those to PUT and PATCH if their tag is rebuilt.
    public var tagsEveryMethod = false

    /// Whether a `uniqueMethodID` bit of the key is included in tags. Without it, the default, PUT, PATCH and DELETE are
    /// compared with the tag of GET of the same view.
    public var separatesMethods = false

    /// The interpretation of an asterisk in If-Match and If-None-Match that is not the whole value.
    public var asterisk: EntityTagCondition.Asterisk = .alone

    /// The key that produces the tag if neither a key nor a closure is given; nil, the default, uses the digest of the
    /// body.
    public var defaultKey: KeyConstructor?

    /// Creates the default settings.
    public init() {}

    /// The default settings, which follow RFC 9110.
    public static let standard = ETagSettings()

    /// Settings that follow drf-extensions except for its bugs: conditions are still evaluated in the order and with
    /// the comparisons of RFC 9110.
    public static let drf: ETagSettings = {
        var settings = ETagSettings()
        settings.evaluation = .early
        settings.tagsErrors = true
        settings.tagsEveryMethod = true
        settings.separatesMethods = true
        settings.asterisk = .anywhere
        settings.defaultKey = .default
        return settings
    }()
}
