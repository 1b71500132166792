public import HTTPTypes

/// The conditions under which a client wants its request carried out (RFC 9110 section 13).
///
/// They are evaluated in the order of RFC 9110 section 13.2.2: If-Match first, then If-None-Match.
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

    /// The condition of If-None-Match: the resource has none of these representations.
    public var ifNoneMatch: EntityTagCondition?

    /// Reads the conditions of a request. An empty field says nothing.
    public init(_ fields: HTTPFields) {
        ifMatch = Self.condition(.ifMatch, in: fields)
        ifNoneMatch = Self.condition(.ifNoneMatch, in: fields)
    }

    /// Whether there are no conditions.
    public var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil }

    /// Evaluates the conditions.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - tag: The tag of the current representation, or nil when the resource has none.
    /// - Returns: What to do with the request.
    public func evaluate(method: HTTPRequest.Method, tag: EntityTag?) -> Outcome {
        if let ifMatch {
            guard let tag, ifMatch.matchesStrongly(tag) else { return .failed }
        }
        if let ifNoneMatch, let tag, ifNoneMatch.matchesWeakly(tag) {
            return method == .get || method == .head ? .notModified : .failed
        }
        return .proceed
    }

    private static func condition(_ name: HTTPField.Name, in fields: HTTPFields) -> EntityTagCondition? {
        guard let value = fields[name], !value.isEmpty else { return nil }
        return EntityTagCondition(value)
    }
}
