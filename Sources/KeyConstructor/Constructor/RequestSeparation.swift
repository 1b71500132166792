public import HTTPTypes

/// What of a request a key tells apart.
///
/// A cache asks for it before it stores: an answer made for one user must not lie under a key that another user's
/// request has too, and an answer that says `Vary: Accept-Language` must not lie under a key without the language.
public struct RequestSeparation: Sendable, Hashable {
    /// Whether requests of two users have two keys.
    public var user: Bool

    /// Whether requests with two bodies have two keys.
    public var body: Bool

    /// The header fields of which two values give two keys.
    public var fields: Set<HTTPField.Name>

    /// The header fields from which a value in the key was negotiated, if it was: two formats or languages give two keys.
    public var negotiatedFields: Set<HTTPField.Name>

    /// Whether every header field is among ``fields`` but Host and those of `HeadersKeyBit.neverTakesPart`.
    ///
    /// Host is not among the header fields of most requests: servers make the authority of it, which `HostKeyBit` separates.
    public var allFields: Bool

    /// Whether requests for two paths have two keys.
    public var path = false

    /// Creates a separation; the default is none.
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

    /// Nothing is told apart.
    public static let none = RequestSeparation()

    /// Paths are told apart.
    public static let path = {
        var separation = RequestSeparation()
        separation.path = true
        return separation
    }()

    /// Whether two values of a header field give two keys, whatever was negotiated.
    public func separates(_ name: HTTPField.Name) -> Bool {
        fields.contains(name)
            || allFields && name != RequestHost.hostName && !HeadersKeyBit.neverTakesPart.contains(name.canonicalName)
    }

    /// What this and another separation tell apart together.
    public func union(_ other: RequestSeparation) -> RequestSeparation {
        var union = RequestSeparation(
            user: user || other.user,
            body: body || other.body,
            fields: fields.union(other.fields),
            negotiatedFields: negotiatedFields.union(other.negotiatedFields),
            allFields: allFields || other.allFields
        )
        union.path = path || other.path
        return union
    }
}
