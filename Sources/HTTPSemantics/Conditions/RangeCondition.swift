public import HTTPTypes

/// The precondition of If-Range (RFC 9110 section 13.1.5): a range is sent only if the client's partial representation is current.
public enum RangeCondition: Sendable, Hashable {
    /// The representation has this tag, by strong comparison.
    case tag(EntityTag)
    /// The representation was last modified at exactly this time.
    case date(HTTPDate)
    /// The field is malformed. No representation matches.
    case malformed

    /// Parses the If-Range field of a request. Returns nil without the field, and without Range, which makes it irrelevant.
    public init?(_ fields: HTTPFields) {
        guard let value = fields[.ifRange], fields.contains(.range) else { return nil }
        if let tag = EntityTag(field: value) {
            self = .tag(tag)
        } else if let date = HTTPDate(value) {
            self = .date(date)
        } else {
            self = .malformed
        }
    }

    /// Whether the server may send the requested range.
    ///
    /// A date that is less than a second old does not match, because the representation may change again within the same second (RFC
    /// 9110 section 8.8.2.2).
    ///
    /// - Parameters:
    ///   - current: The validators of the current representation.
    ///   - now: The current time.
    /// - Returns: False when the server must send the whole representation.
    public func holds(for current: Validators, now: Timestamp) -> Bool {
        switch self {
        case .tag(let tag):
            return current.tag?.matchesStrongly(tag) ?? false
        case .date(let date):
            return current.lastModified == date && HTTPDate(now).secondsSinceEpoch - date.secondsSinceEpoch >= 1
        case .malformed:
            return false
        }
    }
}
