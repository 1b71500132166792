public import HTTPTypes

/// The preconditions of a request (RFC 9110 section 13).
///
/// They are evaluated in the order of RFC 9110 section 13.2.2: If-Match, or else If-Unmodified-Since; then If-None-Match, or
/// else If-Modified-Since. ``RangeCondition`` evaluates If-Range, which decides between a part and the whole representation.
public struct Preconditions: Sendable, Hashable {
    /// The result of an evaluation.
    public enum Outcome: Sendable, Hashable {
        /// All preconditions are true: perform the method.
        case proceed
        /// The client has the current representation: respond with 304 (Not Modified).
        case notModified
        /// A precondition is false: respond with 412 (Precondition Failed).
        case failed
    }

    /// If-Match: the resource has one of these representations.
    public var ifMatch: EntityTagCondition?

    /// If-Unmodified-Since: the representation was not modified after this date.
    public var ifUnmodifiedSince: HTTPDate?

    /// If-None-Match: the resource has none of these representations.
    public var ifNoneMatch: EntityTagCondition?

    /// If-Modified-Since: the representation was modified after this date.
    public var ifModifiedSince: HTTPDate?

    /// Parses the preconditions of a request.
    ///
    /// Empty fields are ignored, and so are dates that are malformed or repeated (RFC 9110 sections 13.1.3 and 13.1.4).
    ///
    /// - Parameters:
    ///   - fields: The header fields of the request.
    ///   - asterisk: The meaning of an asterisk that is not the whole value of a field.
    public init(_ fields: HTTPFields, asterisk: EntityTagCondition.Asterisk = .alone) {
        // Most requests have none of these fields. One pass over the lengths of the names detects that.
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

    /// Whether there are no preconditions.
    public var isEmpty: Bool {
        ifMatch == nil && ifNoneMatch == nil && ifModifiedSince == nil && ifUnmodifiedSince == nil
    }

    /// Evaluates the preconditions.
    ///
    /// RFC 9110 section 13.2.1 requires the evaluation only if the response without preconditions would be 2xx or 412, which the caller
    /// has to check.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - current: The validators of the current representation, or nil when the resource has none.
    /// - Returns: How to respond.
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
    /// Appends the value of a further line of the field.
    fileprivate mutating func appendLine(_ value: String) {
        if self == nil {
            self = value
        } else {
            self?.append(", " + value)
        }
    }
}
