public import HTTPTypes

/// The requests that a key separates.
///
/// A cache reads it before it stores a response. It must not store a response for one user under a key that another user's
/// request has too, nor a response with `Vary: Accept-Language` under a key without the language.
///
/// It promises different keys for different values. ``ExchangeInputs`` lists what a bit reads, which does not imply
/// different keys.
public struct RequestSeparation: Sendable, Hashable {
    /// Whether requests of different users have different keys.
    public var user: Bool

    /// Whether requests with different bodies have different keys.
    public var body: Bool

    /// The header fields whose different values have different keys.
    public var fields: Set<HTTPField.Name>

    /// The header fields from which the key contains a negotiated value: different formats or languages have different keys.
    public var negotiatedFields: Set<HTTPField.Name>

    /// Whether ``fields`` implicitly contains every header field except Host and those of `HeadersKeyBit.neverTakesPart`.
    ///
    /// Most requests have no Host field: servers convert it to the authority, which `HostKeyBit` separates.
    public var allFields: Bool

    /// Whether requests for different paths have different keys.
    public var path = false

    /// The names of the cookies whose different values have different keys. ``fields`` contains Cookie if the key separates the
    /// whole field.
    public var cookies: Set<String> = []

    /// Creates a separation. By default it separates nothing.
    public init(
        user: Bool = false,
        body: Bool = false,
        fields: Set<HTTPField.Name> = [],
        negotiatedFields: Set<HTTPField.Name> = [],
        allFields: Bool = false
    ) {
        self.user = user
        self.body = body
        self.fields = fields
        self.negotiatedFields = negotiatedFields
        self.allFields = allFields
    }

    /// The empty separation.
    public static let none = RequestSeparation()

    /// Separates paths.
    public static let path = {
        var separation = RequestSeparation()
        separation.path = true
        return separation
    }()

    /// Separates cookies by their names.
    public static func cookies(_ names: Set<String>) -> RequestSeparation {
        var separation = RequestSeparation()
        separation.cookies = names
        return separation
    }

    /// Returns whether different values of a header field have different keys, regardless of negotiation.
    public func separates(_ name: HTTPField.Name) -> Bool {
        fields.contains(name)
            || allFields && name != RequestHost.hostName && !HeadersKeyBit.neverTakesPart.contains(name.canonicalName)
    }

    /// Returns the combination of two separations.
    public func union(_ other: RequestSeparation) -> RequestSeparation {
        var union = RequestSeparation(
            user: user || other.user,
            body: body || other.body,
            fields: fields.union(other.fields),
            negotiatedFields: negotiatedFields.union(other.negotiatedFields),
            allFields: allFields || other.allFields
        )
        union.path = path || other.path
        union.cookies = cookies.union(other.cookies)
        return union
    }
}
