public import HTTPTypes

/// The conditions under which a client wants its request carried out (RFC 9110 section 13).
///
/// They are evaluated in the order of RFC 9110 section 13.2.2: If-Match, or else If-Unmodified-Since; then If-None-Match, or
/// else If-Modified-Since. If-Range is not among them, see ``RangeCondition``: it decides about a part of the answer.
public struct Preconditions: Sendable, Hashable {
    /// What the conditions say about a request.
    public enum Outcome: Sendable, Hashable {
        /// They hold: carry the request out.
        case proceed
        /// The client has the current representation: answer 304.
        case notModified
        /// They do not hold: answer 412.
        case failed
    }

    /// The condition of If-Match: the resource has one of these representations.
    public var ifMatch: EntityTagCondition?

    /// The condition of If-Unmodified-Since: the representation is no newer.
    public var ifUnmodifiedSince: HTTPDate?

    /// The condition of If-None-Match: the resource has none of these representations.
    public var ifNoneMatch: EntityTagCondition?

    /// The condition of If-Modified-Since: the representation is newer.
    public var ifModifiedSince: HTTPDate?

    /// Reads the conditions of a request.
    ///
    /// An empty field says nothing, nor does a date that is malformed or stands twice (RFC 9110 sections 13.1.3 and 13.1.4).
    ///
    /// - Parameters:
    ///   - fields: The header fields of the request.
    ///   - asterisk: How an asterisk is read that is not the whole value of a field.
    public init(_ fields: HTTPFields, asterisk: EntityTagCondition.Asterisk = .alone) {
        // Most requests have none of these fields; one pass that looks at the length of names finds that out.
        var (match, noneMatch, modified, unmodified): (String?, String?, String?, String?)
        for field in fields {
            switch field.name.canonicalName.utf8.count {
            case 8 where field.name == .ifMatch: match.appendLine(field.value)
            case 13 where field.name == .ifNoneMatch: noneMatch.appendLine(field.value)
            case 17 where field.name == .ifModifiedSince: modified.appendLine(field.value)
            case 19 where field.name == .ifUnmodifiedSince: unmodified.appendLine(field.value)
            default: continue
            }
        }
        if let match, !match.isEmpty { ifMatch = EntityTagCondition(match, asterisk: asterisk) }
        if let noneMatch, !noneMatch.isEmpty { ifNoneMatch = EntityTagCondition(noneMatch, asterisk: asterisk) }
        ifModifiedSince = modified.flatMap { HTTPDate($0) }
        ifUnmodifiedSince = unmodified.flatMap { HTTPDate($0) }
    }

    /// Whether there are no conditions.
    public var isEmpty: Bool {
        ifMatch == nil && ifNoneMatch == nil && ifModifiedSince == nil && ifUnmodifiedSince == nil
    }

    /// Evaluates the conditions.
    ///
    /// RFC 9110 section 13.2.1 asks for it only when the answer without them would be 2xx or 412; that is the caller's to know.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - current: What is known of the current representation, or nil when the resource has none.
    /// - Returns: What to do with the request.
    public func evaluate(method: HTTPRequest.Method, current: Validators?) -> Outcome {
        let isRead = method == .get || method == .head
        if let ifMatch {
            guard let current else { return .failed }
            guard current.tag.map({ ifMatch.matchesStrongly($0) }) ?? ifMatch.isAny else { return .failed }
        } else if let ifUnmodifiedSince, let lastModified = current?.lastModified {
            guard lastModified <= ifUnmodifiedSince else { return .failed }
        }
        if let ifNoneMatch {
            guard let current else { return .proceed }
            guard current.tag.map({ ifNoneMatch.matchesWeakly($0) }) ?? ifNoneMatch.isAny else { return .proceed }
            return isRead ? .notModified : .failed
        }
        if isRead, let ifModifiedSince, let lastModified = current?.lastModified, lastModified <= ifModifiedSince {
            return .notModified
        }
        return .proceed
    }
}

extension String? {
    /// Adds the value of another line of the field.
    fileprivate mutating func appendLine(_ value: String) {
        if self == nil {
            self = value
        } else {
            self?.append(", " + value)
        }
    }
}
