public import HTTPTypes

/// The condition of If-Range: the client's part is one of the current representation, so another part may be sent alone
/// (RFC 9110 section 13.1.5).
public enum RangeCondition: Sendable, Hashable {
    /// The representation has this tag, under the strong comparison.
    case tag(EntityTag)
    /// The representation was last modified at exactly this moment.
    case date(HTTPDate)
    /// The field is malformed: no representation fulfils it.
    case malformed

    /// Reads the condition of a request, or returns nil when it has none. Without Range the field says nothing.
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

    /// Whether the Range of the request is to be honoured.
    ///
    /// A date can only be relied upon when the representation could not have changed twice within its second, so one that is
    /// less than a second old does not hold (RFC 9110 section 8.8.2.2).
    ///
    /// - Parameters:
    ///   - current: What is known of the current representation.
    ///   - now: The present moment.
    /// - Returns: False when the whole representation is to be sent.
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
