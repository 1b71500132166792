public import HTTPTypes

/// The validators of a representation (RFC 9110 section 8.8).
public struct Validators: Sendable, Hashable {
    /// The entity tag, or nil when the representation has none.
    public var tag: EntityTag?

    /// The time of the last modification, or nil when it is unknown.
    public var lastModified: HTTPDate?

    /// Creates validators from a tag and a date.
    public init(tag: EntityTag? = nil, lastModified: HTTPDate? = nil) {
        self.tag = tag
        self.lastModified = lastModified
    }

    /// Parses the ETag and Last-Modified fields of a response. Malformed fields count as absent.
    public init(_ fields: HTTPFields) {
        tag = fields.value(of: .eTag).flatMap { EntityTag(field: $0) }
        lastModified = fields.value(of: .lastModified).flatMap { HTTPDate($0) }
    }
}
