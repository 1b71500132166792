public import HTTPPipeline
public import KeyConstructor

/// How an ``ETagMiddleware`` treats what RFC 9110 and drf-extensions see differently.
public struct ETagSettings: Sendable, Hashable {
    /// When a condition of a GET or HEAD is answered.
    public enum Evaluation: Sendable, Hashable {
        /// When it is known that the answer without the condition would be 2xx (RFC 9110 section 13.2.1), and all fields of
        /// the 304 are known (section 15.4.5): after the handler has run, or without it when an answer with this tag has been
        /// seen within the last minute. The default.
        case exact
        /// As soon as the tag is known, never running the handler: a 304 has ETag and no other field.
        case early
    }

    /// When a condition of a GET or HEAD is answered.
    public var evaluation: Evaluation

    /// Whether answers other than 2xx are tagged.
    public var tagsErrors: Bool

    /// Whether answers to every method are tagged and OPTIONS is treated like GET. Otherwise GET and HEAD are tagged, and PUT
    /// and PATCH when their tag is rebuilt.
    public var tagsEveryMethod: Bool

    /// Whether a `uniqueMethodID` bit of the key takes part in tags. Without it the tag of GET is the one that PUT, PATCH and
    /// DELETE of the same view are compared with.
    public var separatesMethods: Bool

    /// How an asterisk in If-Match and If-None-Match is read that is not the whole value.
    public var asterisk: EntityTagCondition.Asterisk

    /// Makes the tag where neither a key nor a closure is given; nil is the digest of the body.
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

    /// What RFC 9110 asks for.
    public static let standard = ETagSettings()

    /// What drf-extensions does, its bugs excepted: conditions are still evaluated in the order and with the comparisons of
    /// RFC 9110.
    public static let drf = ETagSettings(
        evaluation: .early, tagsErrors: true, tagsEveryMethod: true, separatesMethods: true, asterisk: .anywhere,
        defaultKey: .default
    )
}
