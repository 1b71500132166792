public import HTTPPipeline
public import KeyConstructor

/// The behavior of an ``ETagMiddleware`` where RFC 9110 and drf-extensions differ.
public struct ETagSettings: Sendable, Hashable {
    /// The time at which conditions of GET and HEAD are evaluated.
    public enum Evaluation: Sendable, Hashable {
        /// Evaluates a condition when the response without the condition is known to be 2xx (RFC 9110 section 13.2.1),
        /// and all fields of the 304 are known (section 15.4.5): after the handler has run, or without running it if a
        /// response with this tag has been seen within the last minute. This is the default.
        case exact
        /// Evaluates a condition as soon as the tag is known, without running the handler. A 304 has ETag and no other
        /// field.
        case early
    }

    /// The time at which conditions of GET and HEAD are evaluated.
    public var evaluation: Evaluation

    /// Whether responses other than 2xx are tagged.
    public var tagsErrors: Bool

    /// Whether responses to every method are tagged and OPTIONS is treated like GET. Otherwise responses to GET and
    /// HEAD are tagged, and those to PUT and PATCH if their tag is rebuilt.
    public var tagsEveryMethod: Bool

    /// Whether a `uniqueMethodID` bit of the key is included in tags. Without it, PUT, PATCH and DELETE are compared
    /// with the tag of GET of the same view.
    public var separatesMethods: Bool

    /// The interpretation of an asterisk in If-Match and If-None-Match that is not the whole value.
    public var asterisk: EntityTagCondition.Asterisk

    /// The key that produces the tag if neither a key nor a closure is given; nil uses the digest of the body.
    public var defaultKey: KeyConstructor?

    /// Creates settings; the defaults follow RFC 9110.
    public init(
        evaluation: Evaluation = .exact,
        tagsErrors: Bool = false,
        tagsEveryMethod: Bool = false,
        separatesMethods: Bool = false,
        asterisk: EntityTagCondition.Asterisk = .alone,
        defaultKey: KeyConstructor? = nil
    ) {
        self.evaluation = evaluation
        self.tagsErrors = tagsErrors
        self.tagsEveryMethod = tagsEveryMethod
        self.separatesMethods = separatesMethods
        self.asterisk = asterisk
        self.defaultKey = defaultKey
    }

    /// Settings that follow RFC 9110.
    public static let standard = ETagSettings()

    /// Settings that follow drf-extensions except for its bugs: conditions are still evaluated in the order and with
    /// the comparisons of RFC 9110.
    public static let drf = ETagSettings(
        evaluation: .early, tagsErrors: true, tagsEveryMethod: true, separatesMethods: true, asterisk: .anywhere,
        defaultKey: .default
    )
}
