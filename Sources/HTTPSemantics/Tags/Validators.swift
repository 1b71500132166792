public import HTTPTypes

/// What tells the current representation of a resource from an earlier one (RFC 9110 section 8.8).
public struct Validators: Sendable, Hashable {
    /// The entity tag, or nil when the representation has none.
    public var tag: EntityTag?

    /// When the representation was last modified, or nil when that is not known.
    public var lastModified: HTTPDate?

    /// Creates validators.
    public init(tag: EntityTag? = nil, lastModified: HTTPDate? = nil) {
        self.tag = tag
        self.lastModified = lastModified
    }

    /// Reads the fields ETag and Last-Modified of an answer. What is malformed counts as absent.
    public init(_ fields: HTTPFields) {
        tag = fields.value(of: .eTag).flatMap { EntityTag(field: $0) }
        lastModified = fields.value(of: .lastModified).flatMap { HTTPDate($0) }
    }
}
