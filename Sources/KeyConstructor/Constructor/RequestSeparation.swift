public import HTTPTypes

/// What of a request a key tells apart.
///
/// A cache asks for it before it stores: an answer made for one user must not lie under a key that another user's
/// request has too, and an answer that says `Vary: Accept-Language` must not lie under a key without the language.
public struct RequestSeparation: Sendable, Hashable {
    /// Whether requests of two users have two keys.
    public var user: Bool

    /// The header fields of which two values give two keys; those a value was negotiated from among them.
    public var fields: Set<HTTPField.Name>

    /// Whether every header field is among ``fields``.
    public var allFields: Bool

    /// Creates a separation; the default is none.
    public init(user: Bool = false, fields: Set<HTTPField.Name> = [], allFields: Bool = false) {
        self.user = user
        self.fields = fields
        self.allFields = allFields
    }

    /// Nothing is told apart.
    public static let none = RequestSeparation()

    /// Whether two values of a header field give two keys.
    public func separates(_ name: HTTPField.Name) -> Bool {
        allFields || fields.contains(name)
    }

    /// What this and another separation tell apart together.
    public func union(_ other: RequestSeparation) -> RequestSeparation {
        RequestSeparation(
            user: user || other.user,
            fields: fields.union(other.fields),
            allFields: allFields || other.allFields
        )
    }
}
